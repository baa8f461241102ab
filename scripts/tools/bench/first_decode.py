"""Program that prints the CPU seconds of `import conversas` and a first decode. It imports nothing of conversas before.

In `python -P first_decode.py BODY`, BODY is a file with a Zild body.
"""

import sys
import time


def main() -> None:
    with open(sys.argv[1], "rb") as file:  # noqa: PTH123  # pathlib would hide its share of the import
        body = file.read()
    started = time.process_time()
    from conversas import decode

    decode("zild", body)
    print(time.process_time() - started)


if __name__ == "__main__":
    main()
