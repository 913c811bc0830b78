"""The walk of a second (R31): waiting requests in queue order, each starts if the people it needs are available.

Only what may have changed is walked: new requests, and the lines at pools that were touched; where `hold` is used, also the lines
that might hold people back (R32). A new request that starts at once never sees a line.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled import crews, events, hours, lines, orders
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.numbers import WORK, key, mix, seconds


@inlined
def line_up(world, state):
    """Put the new requests and the first of each line that is walked into one heap."""
    g = state.g
    g[c.G_WALK] = 0
    if g[c.G_HOLDS]:
        ask_holders(world, state)
    for i in range(g[c.G_TOUCHED]):
        add_lines(state, state.touched[i], False)
    for i in range(g[c.G_FRESH]):
        row = state.fresh[i]
        if state.life[row, c.L_STATE] == c.IN_LINE:  # its due may have come first
            add(state, row)
    g[c.G_FRESH] = 0


@jit
def add_lines(state, pool, only_holding):
    g, q = state.g, state.lines
    at = state.pools[pool, c.H_ATTACHED]
    while at >= 0:
        line = state.attached[at, c.A_LINE]
        if q[line, c.Q_WALK] != g[c.G_SERIAL] and (q[line, c.Q_HOLD] or not only_holding):
            q[line, c.Q_WALK] = g[c.G_SERIAL]
            add(state, q[line, c.Q_ROOT])
        at = state.attached[at, c.A_NEXT]


@jit
def ask_holders(world, state):
    """Walk, too, the lines with hold at every pool that a walked line asks, and so on from pool to pool (R31)."""
    g = state.g
    asked = 0
    for i in range(g[c.G_FRESH]):
        row = state.fresh[i]
        if state.life[row, c.L_STATE] == c.IN_LINE:
            for k in range(lines.want(world, state, row)):
                asked = ask(state, state.wants[k, c.X_POOL], asked)
    for i in range(g[c.G_TOUCHED]):
        add_lines(state, state.touched[i], False)
    met = 0
    while True:
        while met < g[c.G_WALK]:  # the rows so far; their lines ask other pools
            line = state.life[state.walk[met], c.L_LINE]
            for k in range(state.lines[line, c.Q_WANTS]):
                asked = ask(state, state.line_wants[state.lines[line, c.Q_WANT] + k, c.X_POOL], asked)
            met += 1
        if asked == 0:
            break
        asked -= 1
        pool = state.asked[asked]
        before = g[c.G_WALK]
        at = state.pools[pool, c.H_ATTACHED]
        while at >= 0:
            line = state.attached[at, c.A_LINE]
            if state.lines[line, c.Q_WALK] != g[c.G_SERIAL] and state.lines[line, c.Q_HOLD]:
                state.lines[line, c.Q_WALK] = g[c.G_SERIAL]
                state.walk[g[c.G_WALK]] = state.lines[line, c.Q_ROOT]
                g[c.G_WALK] += 1
            at = state.attached[at, c.A_NEXT]
        met = before
    found = g[c.G_WALK]
    g[c.G_WALK] = 0
    for i in range(found):  # make a heap of the list
        add(state, state.walk[i])


@jit
def ask(state, pool, asked):
    if pool >= 0 and state.pools[pool, c.H_ASKED] != state.g[c.G_SERIAL]:
        state.pools[pool, c.H_ASKED] = state.g[c.G_SERIAL]
        state.asked[asked] = pool
        return asked + 1
    return asked


@jit
def add(state, row):
    """One more row to be walked."""
    walk, g = state.walk, state.g
    i = g[c.G_WALK]
    g[c.G_WALK] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if not orders.precedes(state, row, walk[above]):
            break
        walk[i] = walk[above]
        i = above
    walk[i] = row


@jit
def first(state):
    """Take the first of the rows to be walked."""
    walk, g = state.walk, state.g
    found = walk[0]
    last = g[c.G_WALK] - 1
    g[c.G_WALK] = last
    row = walk[last]
    i, below = 0, 1
    while below < last:
        if below + 1 < last and orders.precedes(state, walk[below + 1], walk[below]):
            below += 1
        if not orders.precedes(state, walk[below], row):
            break
        walk[i] = walk[below]
        i, below = below, 2 * below + 1
    walk[i] = row
    return found


@inlined
def attempt(world, state, row):
    """The turn of a request: it starts, or stays in line and perhaps holds people."""
    line = state.life[row, c.L_LINE]
    wanted = lines.want(world, state, row)
    if taken(world, state, row, wanted):
        begin(world, state, row, wanted)
        if line >= 0:
            lines.step_out(state, row)
            following = state.lines[line, c.Q_ROOT]
            if following >= 0:
                add(state, following)
        return
    if state.g[c.G_HOLDS] and world.steps[state.rows[row, c.V_STEP], c.S_HOLD] and state.rows[row, c.V_PART] == 0:
        hold(world, state, row, wanted)
    if line < 0:
        lines.stand(world, state, row, wanted)


@jit
def called_now(world, state, row):
    """Whether a visit that reached somebody on call may start by that now."""
    calendar = lines.on_call(world, state, row)
    return calendar >= 0 and state.shift_present[state.g[c.G_SHIFTS] + calendar] != 0


@inlined
def taken(world, state, row, wanted):
    """Take the people a request needs, all or none; they stand in `state.taken`."""
    g, wants = state.g, state.wants
    step = state.rows[row, c.V_STEP]
    when, called = world.steps[step, c.S_WHEN], called_now(world, state, row)
    together = state.rows[row, c.V_PART] == 0 and world.steps[step, c.S_MODE] == c.MODE_ALL
    g[c.G_TAKEN] = 0
    possible = 0
    for k in range(wanted):
        if could(world, state, k, when, called):
            possible += 1
            if not together:
                take(world, state, k, when, called)
                return True
        elif together:
            return False
    if possible == 0:
        return False
    for named in (True, False):  # whoever is asked for by name first: others must not take them
        for k in range(wanted):
            if (wants[k, c.X_PERSON] >= 0) == named and not (
                could(world, state, k, when, called) and take(world, state, k, when, called)
            ):
                give_back(world, state)
                return False
    if wanted > 1:
        in_order(state)
    return True


@jit
def could(world, state, k, when, called):
    """Whether the people of one entry of the wants are available."""
    pool, person = state.wants[k, c.X_POOL], state.wants[k, c.X_PERSON]
    if pool < 0:
        return False
    if person >= 0:
        return state.idle_since[person] < c.BUSY and crews.rank(world, state, world.person_crew[person], when, called) >= 0
    return crews.available(world, state, pool, state.wants[k, c.X_PEOPLE], when, called)


@jit
def take(world, state, k, when, called):
    """Take the people of one entry."""
    g, table = state.g, state.taken
    pool, person = state.wants[k, c.X_POOL], state.wants[k, c.X_PERSON]
    for _ in range(state.wants[k, c.X_PEOPLE]):
        n = g[c.G_TAKEN]
        crew, i = world.pool_crew[pool], 0
        found = c.NONE
        if person >= 0:
            crew = world.person_crew[person]
            i = crews.place_of(world, state, crew, person)
        elif not world.pool_unlimited[pool]:
            crew = crews.first_free(world, state, pool, when, called)
        if not world.pool_unlimited[pool]:
            word = state.idle[world.crew_first[crew] + i]
            found = crews.take_out(world, state, crew, i, c.BUSY)
            table[n, 3] = word
        table[n, 0] = k
        table[n, 1] = found
        table[n, 2] = crew
        g[c.G_TAKEN] = n + 1
    return True


@jit
def give_back(world, state):
    g = state.g
    for n in range(g[c.G_TAKEN]):
        if state.taken[n, 1] >= 0:
            crews.put_back(world, state, state.taken[n, 2], state.taken[n, 1], state.taken[n, 3])
    g[c.G_TAKEN] = 0


@jit
def in_order(state):
    """Those taken in the order of the needs (by insertion: they are few)."""
    table = state.taken
    for n in range(1, state.g[c.G_TAKEN]):
        i = n
        while i > 0 and table[i, 0] < table[i - 1, 0]:
            for x in range(4):
                table[i, x], table[i - 1, x] = table[i - 1, x], table[i, x]
            i -= 1


@inlined
def begin(world, state, row, wanted):
    """Work starts with those taken; when it will end is known at once, because nothing interrupts it."""
    g, rows, life = state.g, state.rows, state.life
    now, horizon = g[c.G_NOW], g[c.G_HORIZON]
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    people = g[c.G_TAKEN]
    beyond = 1 if world.steps[step, c.S_WHEN] != c.WHEN_REGULAR else 0
    called = lines.on_call(world, state, row) + 1
    sets = 1
    for n in range(people):
        shift = world.crew_shift[state.taken[n, 2]]
        state.crew_hours[n, 0] = world.allowed[shift, beyond, called]
        state.crew_hours[n, 1] = world.allowed[shift, 0, 0]
        if state.crew_hours[n, 0] != state.crew_hours[0, 0]:
            sets = 2
    work = work_of(world, state, row)
    end = hours.engage(world, state, sets, people, now, work, world.steps[step, c.S_FINISH])

    first_work = g[c.G_WORK]
    for n in range(people):
        w = first_work + n
        pool = world.crew_pool[state.taken[n, 2]]
        person = state.taken[n, 1]
        state.work[w, c.W_POOL] = pool
        state.work[w, c.W_PERSON] = person - world.pool_person[pool] if person >= 0 else c.NONE
        state.work[w, c.W_START] = now
        state.work[w, c.W_END] = end if end < horizon else c.NONE
        state.work[w, c.W_REGULAR] = state.crew_done[n]
        state.work[w, c.W_OFF] = state.crew_done[people] - state.crew_done[n]
        state.work[w, c.W_CREW] = state.taken[n, 2]
    g[c.G_WORK] = first_work + people
    life[row, c.L_CREW] = first_work
    life[row, c.L_PEOPLE] = people
    life[row, c.L_FIRST] = first_work
    life[row, c.L_STATE] = c.IN_HAND
    rows[row, c.V_STARTED] = now
    rows[row, c.V_POOL] = state.work[first_work, c.W_POOL]
    if part > 0:
        visit = life[row, c.L_VISIT]
        life[visit, c.L_STATE] = c.IN_HAND
        if rows[visit, c.V_STARTED] < 0:
            rows[visit, c.V_STARTED] = now
        if part == 1:
            life[visit, c.L_FIRST] = first_work
    if world.steps[step, c.S_WHEN] == c.WHEN_CLEAR:
        forget(state, wanted)
        for n in range(people):
            crews.keep(state, world.crew_pool[state.taken[n, 2]], 1)
    if end < horizon:
        events.push(state, end, c.ENDS, row)


@jit
def forget(state, wanted):
    """A request of an until_clear stage no longer waits at its pools."""
    for k in range(wanted):
        if state.wants[k, c.X_POOL] >= 0:
            crews.keep(state, state.wants[k, c.X_POOL], -1)


@jit
def remember(state, wanted):
    """A request of an until_clear stage waits at its pools."""
    for k in range(wanted):
        if state.wants[k, c.X_POOL] >= 0:
            crews.keep(state, state.wants[k, c.X_POOL], 1)


@jit
def work_of(world, state, row):
    """How long the work takes: at least a second."""
    rows = state.rows
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    table = world.steps[step, c.S_WORK]
    if part != 0:
        need = world.steps[step, c.S_NEED] + part - 1 if part > 0 else world.steps[step, c.S_READER] - part - 1
        if world.needs[need, c.N_WORK] >= 0:
            table = world.needs[need, c.N_WORK]
        if table < 0:
            return 1
        bits = mix(state.luck[state.life[row, c.L_VISIT]] ^ WORK)
        return max(1, seconds(world.tables, table, key(bits, world.team_salts[world.needs[need, c.N_TEAM]])))
    if table < 0:
        return 1
    return max(1, seconds(world.tables, table, mix(state.luck[row] ^ WORK)))


@jit
def hold(world, state, row, wanted):
    """Keep the people that a joint request could take from later requests of this walk (R32)."""
    g, wants = state.g, state.wants
    step = state.rows[row, c.V_STEP]
    when, called = world.steps[step, c.S_WHEN], called_now(world, state, row)
    for k in range(wanted):
        pool, person = wants[k, c.X_POOL], wants[k, c.X_PERSON]
        if pool < 0 or world.pool_unlimited[pool]:
            continue
        if state.pools[pool, c.H_HOLDER] >= 0 and state.pools[pool, c.H_HOLDER] != row:
            continue
        if state.pools[pool, c.H_HOLDER] < 0:
            state.pools[pool, c.H_HOLDER] = row
            state.held[g[c.G_HELD], c.D_CREW] = c.NONE
            state.held[g[c.G_HELD], c.D_PERSON] = pool
            g[c.G_HELD] += 1
        for _ in range(wants[k, c.X_PEOPLE]):
            i = 0
            if person >= 0:
                crew = c.NONE
                if could(world, state, k, when, called):
                    crew = world.person_crew[person]
                    i = crews.place_of(world, state, crew, person)
            else:
                crew = crews.first_free(world, state, pool, when, called)
            if crew < 0:
                break
            n = g[c.G_HELD]
            state.held[n, c.D_KEY] = state.idle[world.crew_first[crew] + i]
            state.held[n, c.D_CREW] = crew
            state.held[n, c.D_PERSON] = crews.take_out(world, state, crew, i, c.HELD)
            g[c.G_HELD] = n + 1


@inlined
def let_go(world, state):
    """At the end of the walk nobody is held any more."""
    g = state.g
    for n in range(g[c.G_HELD]):
        if state.held[n, c.D_CREW] < 0:
            state.pools[state.held[n, c.D_PERSON], c.H_HOLDER] = c.NONE
        else:
            crews.put_back(world, state, state.held[n, c.D_CREW], state.held[n, c.D_PERSON], state.held[n, c.D_KEY])
    g[c.G_HELD] = 0
