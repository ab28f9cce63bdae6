"""The door of the command `backoffice`.

What it imports takes seconds, a fifth of which would go into searching for garbage among a million
objects that all stay.
"""

import gc


def main() -> None:
    """Run the command line."""
    gc.disable()
    from backoffice_api.cli import program

    gc.enable()
    program.main()


if __name__ == "__main__":
    main()
