"""A comparison in one plain sentence with its uncertainty, in the reader's language."""

from django.utils.translation import gettext as _

from core.stats import Estimate
from surveys.analysis.rules.comparison import Change

FEW = 30  # below this a figure is shown with the warning that it cannot be compared


def change_sentence(name: str, change: Change) -> str:
    """What happened to a mean: rose, fell, or no difference shown (which proves nothing)."""
    if change.now.mean is None:
        return _("%(name)s: nobody has answered yet.") % {"name": name}
    if change.difference is None or change.p is None:
        return _(
            "%(name)s is %(now).1f (n=%(n)d); with so few answers no comparison can be made."
        ) % {"name": name, "now": change.now.mean, "n": change.now.n}
    return _text(change) % _figures(name, change)


def _text(change: Change) -> str:
    assert change.difference is not None
    if change.shown and change.difference > 0:
        return _(
            "%(name)s rose from %(before).1f (n=%(n_before)d) to %(now).1f (n=%(n)d), "
            "95 %% interval %(low)+.1f to %(high)+.1f (p=%(p).3f): we take it as a real "
            "improvement."
        )
    if change.shown:
        return _(
            "%(name)s fell from %(before).1f (n=%(n_before)d) to %(now).1f (n=%(n)d), "
            "95 %% interval %(low)+.1f to %(high)+.1f (p=%(p).3f): we take it as a real "
            "decline."
        )
    if change.difference > 0:
        return _(
            "%(name)s is %(now).1f (n=%(n)d) against %(before).1f (n=%(n_before)d); it is "
            "%(gap).1f points higher, but a gap of this size could still come from sampling "
            "(p=%(p).3f), so we cannot say yet that it rose."
        )
    if change.difference < 0:
        return _(
            "%(name)s is %(now).1f (n=%(n)d) against %(before).1f (n=%(n_before)d); it is "
            "%(gap).1f points lower, but a gap of this size could still come from sampling "
            "(p=%(p).3f): no change is shown, which is no proof that nothing changed."
        )
    return _(
        "%(name)s is %(now).1f (n=%(n)d), the same as before (n=%(n_before)d); this is no proof "
        "that nothing changed."
    )


def _figures(name: str, change: Change) -> dict[str, object]:
    assert change.difference is not None
    low, high = change.interval or (0.0, 0.0)
    return {
        "name": name,
        "now": change.now.mean,
        "before": change.before.mean,
        "n": change.now.n,
        "n_before": change.before.n,
        "gap": abs(change.difference),
        "low": low,
        "high": high,
        "p": change.p,
    }


def nps_sentence(estimate: Estimate) -> str:
    """The net promoter score with the range its true value probably lies in."""
    if estimate.n and estimate.value is None:
        return _("Too few answers to the recommendation question to show a figure.")
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return _("There is no answer to the recommendation question yet.")
    values = {
        "value": round(estimate.value),  # a whole number has no minus zero
        "n": estimate.n,
        "low": round(max(-100.0, estimate.low)),
        "high": round(min(100.0, estimate.high)),
    }
    if estimate.n < FEW:
        return (
            _(
                "The NPS is %(value).0f from %(n)d answers; the true value probably lies between "
                "%(low).0f and %(high).0f, too wide to compare with others."
            )
            % values
        )
    return (
        _(
            "The NPS is %(value).0f from %(n)d answers; the true value probably lies between "
            "%(low).0f and %(high).0f."
        )
        % values
    )
