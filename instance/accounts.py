"""The system user the embedded servers run as when ./run is started by root, because PostgreSQL
refuses root. The folders this touches are the instance's own, below SYSTEM_HOME."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from instance.files import read_json, write_json
from instance.layout import Layout
from instance.screen import InstanceError, say

_OWN_NAME = "hengping"


@dataclass(frozen=True)
class Account:
    """Whom to run a server as; `uid` None means: as ourselves."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, object]:
        """Arguments for subprocess.Popen."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Makes the account the owner of a folder of the instance."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Ourselves, or for root the system user `hengping`, made when it does not exist."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name)
    found = _lookup() or _create()
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _lookup() -> pwd.struct_passwd | None:
    try:
        found = pwd.getpwnam(_OWN_NAME)
    except KeyError:
        return None
    if found.pw_uid == 0:
        raise InstanceError(f"The system user {_OWN_NAME} has number 0; PostgreSQL refuses that.")
    return found


def _create() -> pwd.struct_passwd:
    tool = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool is None:
        raise InstanceError(
            f"PostgreSQL does not run as root. Create a system user named {_OWN_NAME}, or start "
            "this as an ordinary user."
        )
    say(f"PostgreSQL does not run as root: creating the system user {_OWN_NAME}.")
    made = subprocess.run(  # noqa: S603
        [
            tool,
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            _OWN_NAME,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = _lookup()  # somebody else may have made it in the same moment
    if found is None:
        raise InstanceError(f"useradd {_OWN_NAME} failed: {made.stderr.strip()}")
    return found


def open_home(layout: Layout, account: Account) -> None:
    """The folder the servers keep their data in. Raises InstanceError when the system folder
    serves another data folder, as after a copy of one."""
    if account.uid is None:
        return
    layout.home.mkdir(mode=0o711, parents=True, exist_ok=True)
    note = layout.home / "owner.json"
    owner = read_json(note).get("data")
    if owner not in {None, str(layout.data)} and (Path(str(owner)) / "instance.json").exists():
        raise InstanceError(
            f"{layout.data} is a copy of {owner}: both would use {layout.home}. Remove "
            f"{layout.facts} (and restore the database from a backup) to make it one of its own."
        )
    if owner != str(layout.data):
        write_json(note, {"data": str(layout.data)})
        say(
            f"Started by root: the servers run as the user {account.name}; their data, sockets and "
            f"programs are in {layout.home}."
        )


def own_folder(path: Path, account: Account, mode: int = 0o700) -> Path:
    path.mkdir(mode=mode, exist_ok=True)
    account.give(path)
    return path
