"""Whether the suite is to look at everything, as at night, or at a fair part of it.

What a long run repeats with more examples, or on the second database, a usual run looks at once.
"""

import os

THOROUGH = bool(os.environ.get("BACKOFFICE_THOROUGH"))
