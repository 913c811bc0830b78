"""The web app: a page on this machine that shows a place, moves its levers, runs it and compares runs.

`places` (what can be chosen) and `levers` (what can be moved) make a request; `jobs` carries it out in a process of its own (`worker`),
which leaves what the page shows (`shown`) in a folder. None of these knows streamlit; `page`, `sidebar` and `views` are nothing else.
"""
