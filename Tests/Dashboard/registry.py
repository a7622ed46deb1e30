"""The checks of the dashboard, as they are told to `run`."""

CHECKS = []


def check(needs_box=False, needs_login=False, needs_service=False):
    """A check; one that needs the service needs the real gateway that `run --service` starts, one that needs a
    login page that one on an address that has one."""
    def add(function):
        CHECKS.append((function, needs_box, needs_login, needs_service))
        return function
    return add


class Skip(Exception):
    """A check that could not be made, and why."""
