"""The figures of the demo company's stories that only the whole company has."""

from decimal import Decimal

from tests.web.site import Site

_MONTHS = "SELECT key FROM assessments_period WHERE kind = 'month' ORDER BY key"
# The ledger keeps what an award's state no longer says once the payroll is out.
_STAR = """
SELECT e.employee_no, l.amount, a.rank, a.n, c.satisfaction_raw
FROM incentives_award a
JOIN incentives_proposal p ON p.id = a.proposal_id
JOIN assessments_period m ON m.id = p.period_id
JOIN organization_employee e ON e.id = a.employee_id
JOIN assessments_scorecard c ON c.id = a.scorecard_id
LEFT JOIN incentives_ledgerentry l ON l.award_id = a.id
WHERE m.key = %s AND a.award_code = 'SATISFACTION_STAR' AND e.employee_no IN ('E0014', 'E0081')
ORDER BY 1"""
_CORRECTION = """
SELECT l.direction, l.amount FROM incentives_payrollline l
JOIN incentives_payrollbatch b ON b.id = l.batch_id
JOIN organization_employee e ON e.id = l.employee_id
WHERE b.state = 'validated' AND e.employee_no = 'E0012' AND l.period = %s
ORDER BY l.line_no"""
# Answers sent from the devices of the cheating shop: valid verdict, by month.
_COACHED = """
SELECT to_char(v.answered_on, 'YYYY-MM') > %s, v.verdict, v.decided_by_id IS NULL, count(*)
FROM surveys_verdict v
JOIN surveys_responsepersonal p
    ON p.answered_on = v.answered_on AND p.response_id = v.response_id
WHERE p.device LIKE 'demo-S05-%%' AND NOT EXISTS (
    SELECT 1 FROM surveys_verdict later WHERE later.answered_on = v.answered_on
        AND later.response_id = v.response_id AND later.seq > v.seq)
GROUP BY 1, 2, 3 ORDER BY 1, 2"""
_MANY = """
SELECT count(*) FILTER (WHERE c.satisfaction_n >= 30), count(*)
FROM assessments_scorecard c
JOIN assessments_period m ON m.id = c.period_id
JOIN organization_position o ON o.id = c.position_id
WHERE m.key = %s AND c.run_id = m.current_run_id AND NOT c.corrected AND o.code IN (
    'sales_consultant', 'delivery_specialist',
    'service_advisor', 'technician', 'customer_service_agent')"""


def test_the_stories_have_the_figures_the_rules_fix(site: Site) -> None:
    months = [row[0] for row in site.sql(_MONTHS)]
    last, before = months[-1], months[-2]
    star, small = site.sql(_STAR, last)
    assert star[:4] == ("E0014", Decimal("500.00"), 1, 62)
    assert abs(star[4] - 88.4) < 0.5
    assert small[:4] == ("E0081", None, None, 6)
    assert abs(small[4] - 98.6) < 0.7
    assert site.sql(_CORRECTION, before) == [
        ("deduct", Decimal("1200.00")),
        ("add", Decimal("1500.00")),
    ]
    coached = site.sql(_COACHED, last)
    past = {(row[1], row[2]) for row in coached if not row[0]}
    assert past <= {("excluded", True), ("excluded", False)}
    assert ("excluded", True) in past
    # What nobody has looked at in the running month; on its first days there is nothing yet.
    assert {row[1:3] for row in coached if row[0]} <= {("review", True)}
    enough, people = site.sql(_MANY, last)[0]
    assert 0.35 < enough / people < 0.65
