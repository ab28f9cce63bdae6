"""Whether the suite is to look at everything, as at night, or at a fair part of it.

What a long run repeats with more examples, or at each step, a usual run looks at here and there.
"""

import os

THOROUGH = bool(os.environ.get("BACKOFFICE_THOROUGH"))
