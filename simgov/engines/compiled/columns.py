"""Names of the columns of the kernel's tables, and its codes.

A table with many fields is one two-dimensional array, a row per thing: what belongs together lies together in memory,
and the compiled functions have few arguments. The first letter tells the table.
"""

from __future__ import annotations

NONE = -1
NEVER = 2**62
DAY = 86_400

# ── what the kernel reads ───────────────────────────────────────────────────────────────────────────

# steps: whole numbers (see plan/procedure.py), and numbers
(
    S_STAGE, S_MODE, S_NEED, S_NEEDS, S_READER, S_READERS, S_GATE, S_GATE_AT, S_CALENDAR, S_TAKES, S_WAIT, S_WORK, S_LEAD, S_WHEN, S_CALLED,
    S_FINISH, S_DUE, S_DUE_VALUE, S_DUE_FROM, S_DUE_PLACE, S_THEN, S_RAISE, S_LATE, S_LATES, S_OUTCOME, S_OUTCOMES, S_ADJUST, S_SKILLED, S_PRIORITY,
    S_HOLD, S_VERIFY, S_REOPEN, S_MOST, S_CLS, S_FOLLOW, S_FOLLOWS, S_ENTRY, S_ENTRIES, S_AFTER, S_ANSWER,
) = range(40)  # fmt: skip
# S_LATE are outcomes of the due. S_ENTRY, S_ENTRIES, S_AFTER and R_RETURNS belong to (version, class) and are the same at every stage; four blocks of answers begin at
# S_ANSWER, S_ANSWER + 1, ..., and the last ends at S_ANSWER + 4
STEP = S_ANSWER + 5
R_CALL, R_JOIN, R_ODDS, R_DOUBLING, R_SPAN, R_RETURNS = range(6)
D_PLACE, D_PEOPLE, D_SAME, D_SAME_TEAM, D_SLOT, D_FAN, D_WORK, D_TEAM = range(8)
F_FIRST, F_COUNT = range(2)  # fans: by (row, home), where its pools stand
O_KIND, O_TARGET, O_CLS = range(3)  # outcomes; behind them answers, return visits that may follow, and stages of entry
P_CHANCE, P_SOLVED = range(2)
I_START, I_END, I_BEFORE, I_RUN = range(4)  # intervals of hours: seconds open before it, last closing of its day
Y_WHO, Y_FOUND, Y_HOME, Y_ENTRY = range(4)  # births in the order in which they are found
T_SECOND, T_WHAT, T_STATE, T_PRESENT = range(4)  # turns of shifts, and of on-call calendars (numbered after the shifts)

# ── what the kernel writes ──────────────────────────────────────────────────────────────────────────

# rows of visits: the columns of the journal in its order, but for the class, which follows from the step
(
    V_INCIDENT, V_VISIT, V_PART, V_STAGE, V_NTH, V_STEP, V_POOL, V_ENTERED, V_ADMITTED, V_RELEASED, V_STARTED, V_FINISHED, V_LEFT, V_DUE, V_RESULT,
    V_TARGET, V_PRIORITY, V_REACHED,
) = range(18)  # fmt: skip
# the same rows: what the journal does not tell. An order (a gate's or a line's) is a tree of rows: child, sibling, back.
TOLD = V_REACHED + 1
L_WHO, L_STATE, L_PREV, L_NEXT, L_VISIT, L_PARTS, L_LEFT, L_CREW, L_PEOPLE, L_LINE, L_CHILD, L_SIBLING, L_BACK, L_LINK = range(TOLD, TOLD + 14)
ROW = L_LINK + 1
L_NEED, L_POOL = L_PARTS, L_LEFT  # of a part of a split, which has no parts: what it needs, and the pool that it asks
W_POOL, W_PERSON, W_START, W_END, W_REGULAR, W_OFF, W_CREW = range(7)  # people engaged; those of one row stand together
# incidents: the journal's columns that change; the trail of visits; and what those have that come back
E_CLS, E_CLOSED, E_SOLVED, E_VERIFIED, E_VERIFIED_AT, E_REOPENED, E_ENDED, E_HOW, E_LEFT_BY = range(9)
K_VERSION, K_FIRST, K_LAST, K_CLOSING, K_HOME = range(5)
N_NUMBER, N_FOUND, N_ENTRY, N_ORIGIN, N_CLS, N_BEFORE = range(6)
Q_ROOT, Q_WANT, Q_WANTS, Q_WHEN, Q_CALLED, Q_MODE, Q_HOLD, Q_WALK, Q_NEXT = range(9)  # lines of equal requests
X_POOL, X_PEOPLE, X_PERSON, X_SLOT, A_LINE, A_NEXT, A_BACK = range(7)  # what a request wants; of a line: where it is listed at that pool
# desks: what a pool is (the first person, the first crew), and its state; 64 bytes
(
    H_TEAM, H_UNLIMITED, H_SHIFT, H_PERSON, H_CREW, H_ATTACHED, H_WAITING, H_CLEAR, H_CLEAR_AT, H_TOUCHED, H_ASKED, H_HOLDER, H_EMPTIED,
) = range(13)  # fmt: skip
DESK = 16
LIST_WAITING, LIST_TOUCHED, LIST_ASKED, LIST_CLEAR, LIST_EMPTIED = range(5)  # lists of pools
M_POOL, M_SHIFT, M_FIRST, M_IDLE, M_STAY = range(5)  # crews: where their idle people stand, how many, the duty window in which they stayed
P_IDLE, P_SINCE = range(2)  # people: the heaps of the crews; since when each is idle
Z_STATE, Z_PRESENT, Z_WINDOW, Z_TURNED, Z_DUTY = range(5)  # shifts: where they stand, duty windows so far, when they last turned
J_FIRST, J_END, J_NOW = range(3)  # hours: their intervals, and the one of the present second
C_WANT, C_PERSON, C_CREW, C_WORD, C_ALLOWED, C_REGULAR, C_AT, C_DONE = range(8)  # people taken for a request
B_ROOT, B_OPENING, B_USED, B_NEXT, B_FLAG, B_STEP = range(6)  # gates
BACK_PERSON, BACK_CREW, BACK_WORD = range(3)  # people held back in a walk

# single numbers
(
    G_NOW, G_PHASE, G_ROWS, G_WORK, G_HEAP, G_FRESH, G_WALK, G_INCIDENTS, G_BIRTH, G_TURN, G_WHO, G_STAGE, G_ADMITTED, G_FLAGGED, G_LINES, G_WANTS,
    G_POOLS_WAITING, G_TOUCHED, G_CLEAR, G_EMPTIED, G_SERIAL, G_GATES, G_TAKEN, G_HELD, G_ERROR, G_ERROR_ROW, G_BIRTHS, G_HORIZON,
    G_HOLDS, G_SHIFTS, G_WIDE, G_CREW, G_ASKING, G_MOST, G_TOO_MANY,
) = range(35)  # fmt: skip

# ── codes ───────────────────────────────────────────────────────────────────────────────────────────

NOTHING, ADMIT, RELEASE, AFTER, LEAVE = range(5)  # what a row does next in this second
GONE, AT_GATE, WAITING, IN_LINE, IN_HAND, LEADING = range(6)  # where a row is
PHASE_NEXT, PHASE_SETTLE, PHASE_WALK = range(3)
DONE, GROW, ENDLESS, WIDER = range(4)  # why the kernel returns
ENDS, COMES, DUES, GATES = range(4)  # kinds of events, in their order within a second
REGULAR, DUTY, OFF = range(3)  # where the shift of a person stands
BUSY = 2**62  # instead of the second since which a person is idle
SALT_PART, SALT_STAGE, SALT_TEAM, SALT_NODE = range(4)  # of nodes: by pool, where a split has a part for each
START_VERSION, START_TURN = range(2)  # seconds from which versions of the procedure hold, and head-counts

# the codes of plan and journal (numba takes plain numbers)
MODE_NONE, MODE_ANY, MODE_ALL, MODE_EACH = range(4)
WHEN_REGULAR, WHEN_DUTY, WHEN_CLEAR = range(3)
DUE_NONE, DUE_AFTER, DUE_DAY, DUE_DUTY, DUE_OPENING = range(5)
THEN_NOTE, THEN_RAISE, THEN_LEAVE = range(3)
KIND_CLOSED, KIND_STAGE, KIND_END, KIND_NEVER = range(4)
ANSWER_SATISFIED, ANSWER_DISSATISFIED, ANSWER_NONE, ANSWER_REOPEN = range(4)
(
    RESULT_CLOSED, RESULT_STAGE, RESULT_END, RESULT_NEVER, RESULT_DUE_MOVE, RESULT_DUE_CLOSE, RESULT_SATISFIED, RESULT_DISSATISFIED, RESULT_NO_ANSWER,
    RESULT_REOPEN, RESULT_DONE, RESULT_DUE_END, RESULT_DUE_NEVER,
) = range(13)  # fmt: skip
HOW_HIDDEN, HOW_OPEN, HOW_CLOSED, HOW_LEFT, HOW_NEVER = range(-2, 3)
FROM_ENTRY, FROM_BIRTH = -1, -2
