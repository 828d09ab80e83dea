"""``python -m xiutu`` is ``xiutu``."""

from xiutu.cli import main

if __name__ == "__main__":
    main()
