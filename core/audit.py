"""The audit trail. Verbs record into their own transaction; a sealer chains the rows afterwards.

Chaining inside each transaction would make all writers wait for one another. So rows are written
with the number of their transaction, and the sealer takes, under one lock, every row whose
transaction is certainly over, in (transaction, id) order, and appends (seq, row, hash). A hash
covers the row and the hash before it: nothing can be changed, removed or slipped in unnoticed.
"""

import contextvars
import datetime
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from core.locks import Lock, take
from core.models import AuditEntry, AuditSalt, AuditSeal, User

CHANNELS = ("command", "web", "api", "beat", "system")
GENESIS = "0" * 64
BATCH = 2000
HEADS = "audit-heads"  # folder under MEDIA_ROOT

_channel: contextvars.ContextVar[str] = contextvars.ContextVar("audit_channel", default="system")

# Fields that are personal whatever the verb: a caller that passes one has a bug.
_PERSONAL = frozenset({"phone", "email", "mobile", "id_card", "customer_name", "password", "token"})


@contextmanager
def via(channel: str) -> Iterator[None]:
    """Rows recorded inside say that they came by this channel (one of CHANNELS)."""
    if channel not in CHANNELS:
        raise ValueError(f"Unknown audit channel {channel!r}.")
    before = _channel.set(channel)
    try:
        yield
    finally:
        _channel.reset(before)


def reference(obj: models.Model | None) -> tuple[str, str]:
    """(type, id) of an object as text; ("", "") for none; composite keys joined by "/"."""
    if obj is None:
        return "", ""
    key = obj.pk
    return obj._meta.label_lower, "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


def plain(value: Any) -> Any:
    """The value as JSON can hold it exactly: Decimal and dates as text, sets sorted."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} cannot be stored in the audit trail.")


def record(actor: User | None, verb: str, obj: models.Model | None, **data: Any) -> AuditEntry:
    """Write one row in the caller's transaction. `actor` None: the system itself.

    `data` holds ids, field names, amounts as text, fingerprints; never personal data.
    """
    written = entry(actor, verb, obj, **data)
    written.save(force_insert=True)
    return written


def entry(actor: User | None, verb: str, obj: models.Model | None, **data: Any) -> AuditEntry:
    """The row that `record` writes, for who stores it together with others."""
    personal = _PERSONAL & data.keys()
    if personal:
        raise ValueError(f"Personal data in the audit trail: {', '.join(sorted(personal))}.")
    object_type, object_id = reference(obj)
    return AuditEntry(
        actor=actor,
        channel=_channel.get(),
        verb=verb,
        object_type=object_type,
        object_id=object_id,
        data=plain(data),
    )


def fingerprint(obj: models.Model, value: str) -> str:
    """A salted hash of a personal value: shows that it changed, never what it was."""
    object_type, object_id = reference(obj)
    salt, _created = AuditSalt.objects.get_or_create(
        object_type=object_type,
        object_id=object_id,
        defaults={"salt": secrets.token_hex(32)},
    )
    return hmac.new(bytes.fromhex(salt.salt), value.encode(), hashlib.sha256).hexdigest()


def forget(obj: models.Model) -> None:
    """Delete the object's salt: its fingerprints can no longer be tried against guesses."""
    object_type, object_id = reference(obj)
    AuditSalt.objects.filter(object_type=object_type, object_id=object_id).delete()


# --- the chain ---------------------------------------------------------------------------------

_ROW = """e.id, e.at AT TIME ZONE 'UTC', e.xid, e.actor_id, e.channel, e.verb, e.object_type,
    e.object_id, e.data"""

# A row may be sealed when no transaction that could still add a row before it is running. The
# snapshot lists the running ones of the whole server; those known to belong to another database
# (a locked number names its process, the process its database) cannot write here and don't count.
# A visible row numbered at or above the snapshot's end was restored from another server.
_UNSEALED = f"""
WITH at AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
elsewhere AS (
    SELECT l.transactionid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
    AND a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
),
over AS MATERIALIZED (
    SELECT pg_snapshot_xmax(snapshot)::text::bigint AS xmax, coalesce(
        (SELECT min(running::text::bigint) FROM pg_snapshot_xip(snapshot) running
         WHERE NOT EXISTS (SELECT FROM elsewhere WHERE transactionid = running::xid)),
        pg_snapshot_xmax(snapshot)::text::bigint) AS horizon
    FROM at
)
SELECT {_ROW} FROM core_auditentry e, over
WHERE (e.xid < over.horizon OR e.xid >= over.xmax) AND (e.xid, e.id) > (%s, %s)
AND NOT EXISTS (SELECT FROM core_auditseal s WHERE s.entry_id = e.id)
ORDER BY e.xid, e.id LIMIT {BATCH}"""  # noqa: S608 - constants only


def _link(before: str, row: tuple[Any, ...]) -> str:
    """The hash of one row after the hash `before`. Every column of the row is covered."""
    entry_id, at, xid, actor_id, channel, verb, object_type, object_id, data = row
    facts = [
        before,
        entry_id,
        at.isoformat(timespec="microseconds"),
        xid,
        actor_id,
        channel,
        verb,
        object_type,
        object_id,
        json.loads(data) if isinstance(data, str) else data,
    ]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head() -> tuple[int, str]:
    """(seq, hash) of the last link; (0, 64 zeros) of an empty chain."""
    last = AuditSeal.objects.order_by("-seq").values_list("seq", "hash").first()
    return last or (0, GENESIS)


def seal(*, everything: bool = False) -> int:
    """Append every finished row to the chain; returns how many.

    Normally starts behind the last sealed row. `everything` looks at the whole table, as is done
    anyway after a restore on another server, where transaction numbers begin anew.
    """
    sealed = 0
    with transaction.atomic():
        take(Lock.AUDIT, wait_ms=60_000)
        position = (-1, -1) if everything else _last_position()
        while count := _seal_batch(position):
            sealed += count
    return sealed


def _last_position() -> tuple[int, int]:
    last = AuditSeal.objects.order_by("-seq").values_list("entry__xid", "entry_id").first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (next_xid,) = cursor.fetchone()
    if last is None or last[0] >= next_xid:
        return (-1, -1)
    return last[0], last[1]


def _seal_batch(position: tuple[int, int]) -> int:
    seq, hash_ = head()
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, position)
        rows = cursor.fetchall()
    links = []
    for row in rows:
        seq, hash_ = seq + 1, _link(hash_, row)
        links.append(AuditSeal(seq=seq, entry_id=row[0], hash=hash_))
    AuditSeal.objects.bulk_create(links)
    return len(links)


@dataclass(frozen=True)
class Broken:
    """The first place where the trail is not what was sealed."""

    seq: int
    entry_id: int | None
    problem: str

    def __str__(self) -> str:
        row = f"entry {self.entry_id}" if self.entry_id else "no entry"
        return f"audit chain broken at link {self.seq} ({row}): {self.problem}"


def verify() -> Broken | None:
    """Seal what is open, then check every row, the gaps, and the heads kept outside."""
    seal(everything=True)
    with transaction.atomic():
        return _verify_chain()


_CHAIN = f"""SELECT s.seq, s.entry_id, s.hash, {_ROW} FROM core_auditseal s
    LEFT JOIN core_auditentry e ON e.id = s.entry_id
    WHERE s.seq BETWEEN %s AND %s ORDER BY s.seq"""  # noqa: S608 - constants


def _verify_chain() -> Broken | None:
    last, _hash = head()
    return verify_links(1, last) or verify_heads()


def verify_links(first: int, last: int) -> Broken | None:
    """Check the links `first` to `last`, both included, each after the one before it."""
    heads = read_heads()
    expected, before = first - 1, GENESIS
    if first > 1:
        link = AuditSeal.objects.filter(seq=first - 1).values_list("hash", flat=True).first()
        if link is None:
            return Broken(first - 1, None, f"a link is missing; the next one is {first}")
        before = link
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHAIN, [first, last])
        for seq, entry_id, hash_, *row in cursor:
            expected += 1
            if seq != expected:
                return Broken(expected, None, f"a link is missing; the next one is {seq}")
            if row[0] is None:
                return Broken(seq, entry_id, "the entry was removed")
            before = _link(before, tuple(row))
            if before != hash_:
                return Broken(seq, entry_id, "the entry or its link was changed")
            if heads.get(seq, hash_) != hash_:
                return Broken(seq, entry_id, "differs from the head kept outside the database")
    if expected != last:
        return Broken(expected + 1, None, f"a link is missing; the chain should reach {last}")
    return None


def verify_heads() -> Broken | None:
    """Check that no head kept outside reaches beyond the chain."""
    heads = read_heads()  # first: a head written meanwhile names a link that is there by then
    last, _hash = head()
    lost = min((seq for seq in heads if seq > last), default=None)
    if lost is not None:
        return Broken(lost, None, f"the head kept outside names it, the chain ends at {last}")
    return None


# --- heads outside the database ----------------------------------------------------------------


def _heads_folder() -> Path:
    # By database, so that two instances that share a media folder keep two trails.
    return Path(settings.MEDIA_ROOT) / HEADS / str(connection.settings_dict["NAME"])


def write_head(now: datetime.datetime | None = None) -> Path | None:
    """Keep today's head in a file outside the database; a later call of the day replaces it.

    Whoever rewrites the whole chain in the database would have to change these files too.
    """
    seq, hash_ = head()
    if not seq:
        return None
    day = timezone.localdate(now)
    folder = _heads_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day.isoformat()}.txt"
    draft = path.with_suffix(f".{secrets.token_hex(4)}.tmp")
    try:
        draft.write_text(f"{seq} {hash_}\n", encoding="ascii")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # on a full disk one would be left each minute
    return path


def read_heads() -> dict[int, str]:
    """seq -> hash of every head kept outside."""
    heads: dict[int, str] = {}
    for path in sorted(_heads_folder().glob("*.txt")):
        seq, _space, hash_ = path.read_text(encoding="ascii").strip().partition(" ")
        heads[int(seq)] = hash_
    return heads
