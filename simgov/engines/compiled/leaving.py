"""How a visit is left: outcomes, closings, answers of return visits, and matters that come back (R27, R28)."""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.events import push
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.lines import in_time, served
from simgov.engines.compiled.numbers import (
    AFTER,
    ANSWER,
    ENTRY,
    OUTCOME,
    RETURNS,
    SOLVED,
    VERIFY,
    expit,
    key,
    mix,
    seconds,
    unit,
)


@inlined
def leave(world, state, row):
    """A visit ends by itself: by its outcome, or by the answer of a return visit."""
    rows = state.rows
    step = rows[row, c.V_STEP]
    if world.steps[step, c.S_VERIFY]:
        answer(world, state, row, state.rows[row, c.L_WHO])
        return
    chosen = cut(world, state, row)
    depart(world, state, row, chosen, world.outcomes[chosen, c.O_KIND])  # the result has the number of the kind


@jit
def depart(world, state, row, chosen, result):
    """Leave a visit by an outcome, its own or that of its due."""
    rows, who = state.rows, state.rows[row, c.L_WHO]
    kind, target, cls = world.outcomes[chosen, c.O_KIND], world.outcomes[chosen, c.O_TARGET], world.outcomes[chosen, c.O_CLS]
    rows[row, c.V_LEFT] = state.g[c.G_NOW]
    rows[row, c.V_RESULT] = result
    rows[row, c.V_TARGET] = target
    state.rows[row, c.L_STATE] = c.GONE
    if kind == c.KIND_STAGE:
        if cls >= 0:
            state.facts[c.E_CLS, who] = cls
        state.facts[c.E_HOW, who] = c.HOW_OPEN  # it may have been closed before
        send(state, who, target)
    elif kind == c.KIND_END:
        end(state, who, c.HOW_LEFT)
        state.facts[c.E_LEFT_BY, who] = target
    elif kind == c.KIND_NEVER:
        end(state, who, c.HOW_NEVER)
    else:
        close(world, state, row, who, world.outcomes_real[chosen, c.P_SOLVED])


@jit
def send(state, who, stage):
    """The incident enters a stage in this second."""
    state.g[c.G_WHO] = who
    state.g[c.G_STAGE] = stage


@jit
def end(state, who, how):
    state.facts[c.E_ENDED, who] = state.g[c.G_NOW]
    state.facts[c.E_HOW, who] = how


@inlined
def cut(world, state, row):
    """The outcome that a uniform falls on (R38)."""
    rows = state.rows
    step = rows[row, c.V_STEP]
    first, count = world.steps[step, c.S_OUTCOME], world.steps[step, c.S_OUTCOMES]
    adjusted = world.steps[step, c.S_ADJUST]
    chance, factor = 0.0, 1.0
    if adjusted >= 0:
        chance = adjusted_chance(world, state, row, step)
        factor = (1.0 - chance) / (1.0 - world.outcomes_real[adjusted, c.P_CHANCE])
    u = unit(mix(state.luck[row] ^ OUTCOME))
    total = 0.0
    for k in range(first, first + count):
        if k == adjusted:
            total += chance
        elif adjusted >= 0:
            total += world.outcomes_real[k, c.P_CHANCE] * factor
        else:
            total += world.outcomes_real[k, c.P_CHANCE]
        if u < total:
            return k
    return first + count - 1


@inlined
def adjusted_chance(world, state, row, step):
    """The chance that difficulty, skill and span act on."""
    rows = state.rows
    pool = rows[row, c.V_POOL]
    who, births = rows[row, c.L_WHO], state.g[c.G_BIRTHS]
    if who >= births:
        who = state.again[who - births, c.N_ORIGIN]
    odds = world.steps_real[step, c.R_ODDS] - world.difficulty[who]
    if world.steps[step, c.S_SKILLED] and pool >= 0:
        odds = odds + world.odds[pool, 0]
        turn = 0
        while turn + 1 < world.starts.shape[1] and world.starts[c.START_TURN, turn + 1] <= rows[row, c.V_STARTED]:
            turn += 1
        odds = odds + world.steps_real[step, c.R_DOUBLING] * (world.odds[pool, 1 + turn] - world.steps_real[step, c.R_SPAN])
    return expit(odds)


@inlined
def close(world, state, row, who, solved):
    """A closing: four facts, then perhaps a return visit, else the way ends."""
    facts, now = state.facts, state.g[c.G_NOW]
    if facts[c.E_CLOSED, who] < 0:
        facts[c.E_CLOSED, who] = now
    luck = state.luck[row]
    if facts[c.E_SOLVED, who] < 0 and unit(mix(luck ^ SOLVED)) < solved:
        facts[c.E_SOLVED, who] = now
    facts[c.E_HOW, who] = c.HOW_CLOSED
    state.trail[who, c.K_CLOSING] = row
    step = state.rows[row, c.V_STEP]
    first = world.steps[step, c.S_FOLLOW]
    for k in range(first, first + world.steps[step, c.S_FOLLOWS]):
        stage = world.outcomes[k, c.O_TARGET]
        if unit(mix(key(luck, VERIFY) ^ world.salts[c.SALT_STAGE, stage])) < world.outcomes_real[k, c.P_CHANCE]:
            send(state, who, stage)
            return
    end_closed(world, state, who)


@jit
def end_closed(world, state, who):
    """The way of a closed incident ends; if it is not solved it may come back."""
    end(state, who, c.HOW_CLOSED)
    facts, trail, again, g = state.facts, state.trail, state.again, state.g
    cls = facts[c.E_CLS, who]
    step = world.index[trail[who, c.K_VERSION], 0, cls]
    chance, table = world.steps_real[step, c.R_RETURNS], world.steps[step, c.S_AFTER]
    if facts[c.E_SOLVED, who] >= 0 or chance <= 0.0:
        return
    own = key(state.key[who], RETURNS)
    if unit(mix(own)) >= chance:
        return
    after = max(1, seconds(world.tables, table, mix(own ^ AFTER))) if table >= 0 else 1
    if after >= g[c.G_HORIZON] - g[c.G_NOW]:
        return
    who_again = g[c.G_INCIDENTS]
    g[c.G_INCIDENTS] = who_again + 1
    for x in range(9):
        facts[x, who_again] = c.NONE
    facts[c.E_CLS, who_again] = cls
    facts[c.E_REOPENED, who_again] = 0
    state.key[who_again] = own
    settle_in(world, trail, who_again, trail[who, c.K_HOME], g[c.G_NOW] + after)
    number, origin = who, who
    if who >= g[c.G_BIRTHS]:
        number, origin = again[who - g[c.G_BIRTHS], c.N_NUMBER], again[who - g[c.G_BIRTHS], c.N_ORIGIN]
    k = who_again - g[c.G_BIRTHS]
    again[k, c.N_NUMBER] = number + g[c.G_BIRTHS]
    again[k, c.N_FOUND] = g[c.G_NOW] + after
    again[k, c.N_ENTRY] = entry_of(world, step, own)
    again[k, c.N_ORIGIN] = origin
    again[k, c.N_CLS] = cls
    again[k, c.N_BEFORE] = number
    if number + g[c.G_BIRTHS] > g[c.G_MOST]:  # more than the rows have room for
        g[c.G_TOO_MANY] = 1
    push(state.heap, g, g[c.G_NOW] + after, c.COMES, who_again)


@inlined
def entry_of(world, step, own):
    """The stage at which a returned matter enters: by the shares of its class."""
    k = world.steps[step, c.S_ENTRY]
    last = k + world.steps[step, c.S_ENTRIES] - 1
    u = unit(key(own, ENTRY))
    while k < last and world.outcomes_real[k, c.P_CHANCE] <= u:  # added up already
        k += 1
    return world.outcomes[k, c.O_TARGET]


@jit
def settle_in(world, trail, who, home, found):
    """An incident begins its trail, with the version of the procedure in force in the second in which it is found (R15)."""
    version = 0
    while version + 1 < world.starts.shape[1] and world.starts[c.START_VERSION, version + 1] <= found:
        version += 1
    trail[who, c.K_VERSION] = version
    trail[who, c.K_FIRST] = c.NONE
    trail[who, c.K_LAST] = c.NONE
    trail[who, c.K_CLOSING] = c.NONE
    trail[who, c.K_HOME] = home


# ── return visits ───────────────────────────────────────────────────────────────────────────────────


@inlined
def answer(world, state, row, who):
    """What a return visit hears."""
    rows, facts, now = state.rows, state.facts, state.g[c.G_NOW]
    step = rows[row, c.V_STEP]
    block = c.S_ANSWER + (0 if facts[c.E_SOLVED, who] >= 0 else 1) + (2 if own_team(world, state, row, who) else 0)
    u = unit(mix(state.luck[row] ^ ANSWER))
    kind, stage, total = c.ANSWER_NONE, c.NONE, 0.0
    for k in range(world.steps[step, block], world.steps[step, block + 1]):
        total += world.outcomes_real[k, c.P_CHANCE]
        if u < total:
            kind, stage = world.outcomes[k, c.O_KIND], world.outcomes[k, c.O_TARGET]
            break
    if kind == c.ANSWER_REOPEN and facts[c.E_REOPENED, who] >= world.steps[step, c.S_REOPEN]:
        kind = c.ANSWER_DISSATISFIED
    rows[row, c.V_LEFT] = now
    state.rows[row, c.L_STATE] = c.GONE
    result = c.RESULT_SATISFIED + kind
    rows[row, c.V_RESULT] = result
    if kind == c.ANSWER_REOPEN:
        facts[c.E_REOPENED, who] += 1
        facts[c.E_HOW, who] = c.HOW_OPEN
        rows[row, c.V_TARGET] = stage
        send(state, who, stage)
    else:
        facts[c.E_VERIFIED, who] = result
        facts[c.E_VERIFIED_AT, who] = now
        end_closed(world, state, who)


@inlined
def own_team(world, state, row, who):
    """Whether a team that worked on the closing visit also works on the return visit."""
    closing = state.trail[who, c.K_CLOSING]
    if closing < 0:
        return False
    mine, mine_count = served(state, row)
    theirs, their_count = served(state, closing)
    for a in range(mine, mine + mine_count):
        for b in range(theirs, theirs + their_count):
            if in_time(state, a, row) and in_time(state, b, closing) and share_team(world, state, a, b):
                return True
    return False


@inlined
def share_team(world, state, a, b):
    rows, work = state.rows, state.work
    for x in range(rows[a, c.L_CREW], rows[a, c.L_CREW] + rows[a, c.L_PEOPLE]):
        for y in range(rows[b, c.L_CREW], rows[b, c.L_CREW] + rows[b, c.L_PEOPLE]):
            if state.desks[work[x, c.W_POOL], c.H_TEAM] == state.desks[work[y, c.W_POOL], c.H_TEAM]:
                return True
    return False
