"""Where everything of one instance lies (docs/operations.md shows it as a table)."""

import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from instance.files import locked, read_json, write_json
from instance.screen import InstanceError

REPOSITORY = Path(__file__).resolve().parent.parent
SYSTEM_HOME = Path("/var/lib/hengping")


@dataclass(frozen=True)
class Layout:
    """The folders of the instance with data folder `data`; `id` tells instances apart."""

    data: Path
    id: str

    @property
    def state(self) -> Path:
        return self.data / "state"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets.json"

    @property
    def facts(self) -> Path:
        return self.data / "instance.json"

    @property
    def home(self) -> Path:
        """The folder of the embedded servers: a system folder of the instance when root."""
        return SYSTEM_HOME / self.id if os.geteuid() == 0 else self.data

    @classmethod
    def open(cls, data: Path) -> "Layout":
        """The instance in this folder, made when it is new. Raises InstanceError when the folder
        is another user's."""
        try:
            for folder in (data, data / "state", data / "state" / "users", data / "logs"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = data.stat().st_uid
            if owner != os.geteuid():
                raise PermissionError
        except PermissionError:
            raise InstanceError(
                f"The instance in {data} belongs to another user. Run this as that user, or choose "
                "another folder: HENGPING_DATA=DIR ./run"
            ) from None
        with locked(data / "state" / "facts.lock"):
            facts = read_json(data / "instance.json")
            if "id" not in facts:
                facts["id"] = secrets.token_hex(4)
                write_json(data / "instance.json", facts)
        return cls(data, facts["id"])

    def remember(self, **facts: object) -> None:
        with locked(self.state / "facts.lock"):
            write_json(self.facts, {**read_json(self.facts), **facts})

    def fact(self, name: str) -> object:
        return read_json(self.facts).get(name)

    def secret(self, name: str) -> str:
        """A random secret of the instance, made once and kept readable to its owner only."""
        with locked(self.state / "facts.lock"):
            stored = read_json(self.secrets)
            if name not in stored:
                stored[name] = secrets.token_urlsafe(36)
                write_json(self.secrets, stored)
        return str(stored[name])

    def socket_folder(self) -> Path:
        """A private folder with a short path for the server's socket."""
        if os.geteuid() == 0:
            return self.home / "s"
        parent = Path(tempfile.gettempdir())
        if len(os.fsencode(parent)) > 60:
            parent = Path("/tmp")  # noqa: S108  checked below: ours, and nobody else may enter
        folder = parent / f"hengping-{os.geteuid()}-{self.id}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid != os.geteuid()
            or stat.S_IMODE(found.st_mode) & 0o077
        ):
            raise InstanceError(f"{folder} should be a private folder of yours; please remove it.")
        return folder


def data_folder(name: str = "") -> Path:
    """HENGPING_DATA, else .data in the repository; `name` is a folder inside it."""
    chosen = os.environ.get("HENGPING_DATA")
    base = Path(chosen).expanduser() if chosen else REPOSITORY / ".data"
    return (base / name).absolute() if name else base.absolute()
