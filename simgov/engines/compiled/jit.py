"""The decorators of all compiled functions, and why they have these options.

`_nrt=False`: compiled functions allocate nothing and count no references, so the tables can be passed about for nothing;
the engine gives them more room between two calls. Functions that are called by compiled ones only need no wrapper for Python,
which takes longer to compile than they do. `inlined` is for functions that are called from one place. `entry` is for the two functions
that Python calls: only these are kept on disk (see `store.py`); what they call is compiled into them.
"""

from __future__ import annotations

from numba import njit

OPTIONS = {"_nrt": False, "error_model": "numpy"}
INSIDE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
jit = njit(**OPTIONS, **INSIDE)
inlined = njit(**OPTIONS, **INSIDE, forceinline=True)
entry = njit(**OPTIONS, no_cfunc_wrapper=True, nogil=True)
