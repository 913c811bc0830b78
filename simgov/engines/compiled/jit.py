"""The decorator of all compiled functions, and why it has these options.

`_nrt=False`: compiled functions allocate nothing and count no references, so the tables can be passed about for nothing;
the engine gives them more room between two calls. `forceinline` is for functions that are called from one place.
Only the two functions that Python calls are kept on disk (see `store.py`); what they call is compiled into them.
"""

from __future__ import annotations

from numba import njit

jit = njit(_nrt=False, error_model="numpy")
inlined = njit(_nrt=False, error_model="numpy", forceinline=True)
