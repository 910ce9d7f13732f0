"""How long imports take in a fresh interpreter, beside Keras's and torchxrayvision's, in one run.

    python benchmarks/speed/imports.py [--rounds 5] [--peer-python PYTHON] [--output FILE.json]

Each import is timed inside a new process, the interpreter's own start left out, after one that is not
counted. The Keras backend is that of the environment. torchxrayvision is imported with its PyTorch and
torchvision, through `peer_torchxrayvision.py`.
"""

import subprocess
import sys
from pathlib import Path

from ratios import ABSENT, Part, Table, options_of, ratio, say
from rounds import Contender, Cost, take_turns

HERE = Path(__file__).parent
LAZY, MODEL = "import cxrzoo", "from cxrzoo import mobilenet_cxr"
KERAS, PEER = "import keras", "import torchxrayvision"
TIMED = """
import sys, time
sys.path.append({here!r})
wall, processor = time.perf_counter(), time.process_time()
{statement}
print(time.perf_counter() - wall, time.process_time() - processor)
"""


def main() -> None:
    parser = options_of(__doc__, rounds=5, peer=True)
    options = parser.parse_args()
    contenders = {name: importing(sys.executable, name) for name in (LAZY, MODEL, KERAS)}
    if options.peer_python:
        contenders[PEER] = importing(options.peer_python, "import peer_torchxrayvision")
    take_turns(contenders, 1)  # compiles what is not, and fills the page cache
    costs = take_turns(contenders, options.rounds)
    others = [KERAS, *([PEER] if options.peer_python else [])]
    rows = tuple(ratio(costs, name, other) for other in others for name in (LAZY, MODEL))
    note = (
        f"`{LAZY}` puts off Keras and all else until a name is used; `{MODEL}` is what loads Keras "
        "and its backend."
    )
    left_out = () if options.peer_python else (ABSENT,)
    work = "Imports in a fresh interpreter, whose own start is left out."
    say(Part(work, options.rounds, (Table("import", rows),), (note,), left_out), options.output)


def importing(python: str, statement: str) -> Contender:
    program = TIMED.format(here=str(HERE), statement=statement)

    def turn(_: int) -> Cost:
        done = subprocess.run(
            [python, "-c", program], check=True, stdout=subprocess.PIPE, text=True
        )
        return Cost(*map(float, done.stdout.split()[-2:]))

    return turn


if __name__ == "__main__":
    main()
