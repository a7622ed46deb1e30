"""The checks of the dashboard, as they are told to `run`."""

CHECKS = []


def check(needs_box=False, needs_login=False):
    """A check; one that needs a login page needs the real gateway on an address that has one."""
    def add(function):
        CHECKS.append((function, needs_box, needs_login))
        return function
    return add


class Skip(Exception):
    """A check that could not be made, and why."""
