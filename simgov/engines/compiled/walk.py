"""The walk of a second (R31): waiting requests in queue order, each starts if the people it needs are available.

Only what may have changed is walked: new requests, and the lines at pools that were touched; where `hold` is used, also the lines
that might hold people back (R32). A new request that starts at once never sees a line.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.crews import first_free, free, place_of, put_back, rank, take_out
from simgov.engines.compiled.desks import touch
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.lines import stand, step_out, want
from simgov.engines.compiled.orders import precedes
from simgov.engines.compiled.work import begin


@inlined
def line_up(world, state):
    """Put the new requests and the first of each line that is walked into one heap."""
    g, rows = state.g, state.rows
    g[c.G_WALK] = 0
    if g[c.G_HOLDS]:
        ask_holders(world, state)
    for i in range(g[c.G_TOUCHED]):
        add_lines(state, state.lists[i, c.LIST_TOUCHED], False)
    row = g[c.G_FRESH]
    while row >= 0:
        if rows[row, c.L_STATE] == c.IN_LINE:  # its due may have come first
            add(rows, state.walk, g, row)
        row = rows[row, c.L_LINK]
    g[c.G_FRESH] = c.NONE
    g[c.G_ASKING] = 0


@jit
def add_lines(state, pool, holding):
    """Walk the lines at a pool, or only those with hold."""
    g, lines, attached = state.g, state.lines, state.attached
    at = state.desks[pool, c.H_ATTACHED]
    while at >= 0:
        line = attached[at, c.A_LINE]
        if lines[line, c.Q_WALK] != g[c.G_SERIAL] and (lines[line, c.Q_HOLD] or not holding):
            lines[line, c.Q_WALK] = g[c.G_SERIAL]
            add(state.rows, state.walk, g, lines[line, c.Q_ROOT])
        at = attached[at, c.A_NEXT]


@inlined
def ask_holders(world, state):
    """Walk, too, the lines with hold at every pool that a walked line asks, and so on from pool to pool (R31).

    Who holds people of whom only some are needed sets the others free when it starts: then all lines at its pools are walked.
    """
    g, rows, desks, lists, lines, attached = state.g, state.rows, state.desks, state.lists, state.lines, state.attached
    asked = 0
    row = g[c.G_FRESH]
    while row >= 0:
        if rows[row, c.L_STATE] == c.IN_LINE:
            holds = world.steps[rows[row, c.V_STEP], c.S_HOLD]
            for k in range(want(world, state, row)):
                pool = state.wants[k, c.X_POOL]
                asked = ask(desks, lists, g, pool, asked)
                if holds and pool >= 0:  # it may put itself before who held so far, and so set people free for others
                    touch(desks, lists, g, pool)
        row = rows[row, c.L_LINK]
    walked = met = 0
    while walked < g[c.G_TOUCHED] or met < asked:
        touched = walked < g[c.G_TOUCHED]  # all lines there are walked: their other pools are asked
        pool = lists[walked, c.LIST_TOUCHED] if touched else lists[met, c.LIST_ASKED]
        walked += touched
        met += not touched
        at = desks[pool, c.H_ATTACHED]
        while at >= 0:
            line = attached[at, c.A_LINE]
            if touched or lines[line, c.Q_HOLD]:
                first = lines[line, c.Q_WANT]
                spares = lines[line, c.Q_HOLD] and attached[first + lines[line, c.Q_WANTS] - 1, c.X_SLOT] + 1 < lines[line, c.Q_WANTS]
                for k in range(first, first + lines[line, c.Q_WANTS]):
                    asked = ask(desks, lists, g, attached[k, c.X_POOL], asked)
                    if spares and attached[k, c.X_POOL] >= 0:
                        touch(desks, lists, g, attached[k, c.X_POOL])
            at = attached[at, c.A_NEXT]
        if not touched:
            add_lines(state, pool, True)


@jit
def ask(desks, lists, g, pool, asked):
    """One more pool that is asked, once."""
    if pool >= 0 and desks[pool, c.H_ASKED] != g[c.G_SERIAL]:
        desks[pool, c.H_ASKED] = g[c.G_SERIAL]
        lists[asked, c.LIST_ASKED] = pool
        return asked + 1
    return asked


@jit
def add(rows, walk, g, row):
    """One more row to be walked."""
    i = g[c.G_WALK]
    g[c.G_WALK] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if not precedes(rows, row, walk[above]):
            break
        walk[i] = walk[above]
        i = above
    walk[i] = row


@inlined
def first(rows, walk, g):
    """Take the first of the rows to be walked."""
    found = walk[0]
    last = g[c.G_WALK] - 1
    g[c.G_WALK] = last
    row = walk[last]
    i, below = 0, 1
    while below < last:
        if below + 1 < last and precedes(rows, walk[below + 1], walk[below]):
            below += 1
        if not precedes(rows, walk[below], row):
            break
        walk[i] = walk[below]
        i, below = below, 2 * below + 1
    walk[i] = row
    return found


@inlined
def attempt(world, state, row):
    """The turn of a request: it starts, or stays in line and perhaps holds people."""
    rows, steps, g = state.rows, world.steps, state.g
    line, step = rows[row, c.L_LINE], rows[row, c.V_STEP]
    called = False  # whether the visit reached somebody who may be called now
    if rows[row, c.V_REACHED]:
        called = state.shifts[g[c.G_SHIFTS] + steps[step, c.S_CALLED], c.Z_PRESENT] != 0
    together = rows[row, c.V_PART] == 0 and steps[step, c.S_MODE] == c.MODE_ALL
    wanted = want(world, state, row)
    if taken(world, state, wanted, together, steps[step, c.S_WHEN], called):
        begin(world, state, row, wanted)
        if line >= 0:
            step_out(state, row)
            if state.lines[line, c.Q_ROOT] >= 0:
                add(rows, state.walk, g, state.lines[line, c.Q_ROOT])
        return
    if together and steps[step, c.S_HOLD]:
        hold(world, state, row, wanted, steps[step, c.S_WHEN], called)
    if line < 0:
        stand(world, state, row, wanted)


@inlined
def taken(world, state, wanted, together, when, called):
    """Take the people a request needs, all or none; they stand in `state.taken`."""
    g, wants, table = state.g, state.wants, state.taken
    g[c.G_TAKEN] = 0
    if not together:
        for k in range(wanted):
            if could(world, state, k, when, called):
                take(world, state, k, when, called)
                return True
        return False
    k = 0
    while k < wanted:
        if one_of(world, state, k, wanted, when, called) < 0:
            return False
        k += alternatives(wants, k, wanted)
    if wanted == 1:
        take(world, state, 0, when, called)
        return True
    for turn in range(2):  # whoever is asked for by name first: others must not take them
        k = 0
        while k < wanted:
            several = alternatives(wants, k, wanted)
            if (several == 1 and wants[k, c.X_PERSON] >= 0) == (turn == 0):
                found = one_of(world, state, k, wanted, when, called)
                if found < 0:
                    for n in range(g[c.G_TAKEN]):
                        if table[n, c.C_PERSON] >= 0:
                            put_back(state.people, state.crews, table[n, c.C_CREW], table[n, c.C_PERSON], table[n, c.C_WORD])
                    return False
                take(world, state, found, when, called)
            k += several
    for n in range(1, g[c.G_TAKEN]):  # in the order of the needs (by insertion: they are few)
        i = n
        while i > 0 and table[i, c.C_WANT] < table[i - 1, c.C_WANT]:
            for x in range(4):
                table[i, x], table[i - 1, x] = table[i - 1, x], table[i, x]
            i -= 1
    return True


@jit
def alternatives(wants, k, wanted):
    """How many entries of the wants, from the k-th on, stand for each other."""
    n = 1
    while k + n < wanted and wants[k + n, c.X_SLOT] == wants[k, c.X_SLOT]:
        n += 1
    return n


@jit
def one_of(world, state, k, wanted, when, called):
    """The first of those that stand for each other whose people are available, or -1."""
    for i in range(k, k + alternatives(state.wants, k, wanted)):
        if could(world, state, i, when, called):
            return i
    return c.NONE


@jit
def could(world, state, k, when, called):
    """Whether the people of one entry of the wants are available."""
    pool, person = state.wants[k, c.X_POOL], state.wants[k, c.X_PERSON]
    if pool < 0:
        return False
    if person >= 0:
        crew = world.person_crew[person]
        return state.people[person, c.P_SINCE] < c.BUSY and rank(state.crews, state.shifts, crew, when, called) >= 0
    people = state.wants[k, c.X_PEOPLE]
    return free(state.desks, state.crews, state.shifts, pool, when, called, people) >= people


@jit
def take(world, state, k, when, called):
    """Take the people of one entry."""
    g, table, people = state.g, state.taken, state.people
    pool, person = state.wants[k, c.X_POOL], state.wants[k, c.X_PERSON]
    for n in range(g[c.G_TAKEN], g[c.G_TAKEN] + state.wants[k, c.X_PEOPLE]):
        crew, i, found, word = state.desks[pool, c.H_CREW], 0, c.NONE, 0
        if not state.desks[pool, c.H_UNLIMITED]:
            if person >= 0:
                crew = world.person_crew[person]
                i = place_of(people, state.crews[crew, c.M_FIRST], person)
            else:
                crew = first_free(state, pool, when, called)
            word = take_out(people, state.crews, crew, i)
            found = state.desks[pool, c.H_PERSON] + (word & ((1 << 31) - 1))
            people[found, c.P_SINCE] = c.BUSY
        table[n, c.C_WANT] = k
        table[n, c.C_PERSON] = found
        table[n, c.C_CREW] = crew
        table[n, c.C_WORD] = word
    g[c.G_TAKEN] += state.wants[k, c.X_PEOPLE]


@inlined
def hold(world, state, row, wanted, when, called):
    """Keep the people that a joint request could take from later requests of this walk (R32)."""
    g, wants, desks, held, people = state.g, state.wants, state.desks, state.held, state.people
    for k in range(wanted):
        pool, person = wants[k, c.X_POOL], wants[k, c.X_PERSON]
        if pool < 0 or state.desks[pool, c.H_UNLIMITED] or (desks[pool, c.H_HOLDER] >= 0 and desks[pool, c.H_HOLDER] != row):
            continue
        if desks[pool, c.H_HOLDER] < 0:
            desks[pool, c.H_HOLDER] = row
            held[g[c.G_HELD], c.BACK_CREW] = c.NONE
            held[g[c.G_HELD], c.BACK_PERSON] = pool
            g[c.G_HELD] += 1
        for _ in range(wants[k, c.X_PEOPLE]):
            crew, i = c.NONE, 0
            if person < 0:
                crew = first_free(state, pool, when, called)
            elif could(world, state, k, when, called):
                crew = world.person_crew[person]
                i = place_of(people, state.crews[crew, c.M_FIRST], person)
            if crew < 0:
                break
            n = g[c.G_HELD]
            word = take_out(people, state.crews, crew, i)
            found = state.desks[pool, c.H_PERSON] + (word & ((1 << 31) - 1))
            people[found, c.P_SINCE] = c.BUSY
            held[n, c.BACK_WORD] = word
            held[n, c.BACK_CREW] = crew
            held[n, c.BACK_PERSON] = found
            g[c.G_HELD] = n + 1


@inlined
def let_go(state):
    """At the end of the walk nobody is held any more."""
    g, held = state.g, state.held
    for n in range(g[c.G_HELD]):
        if held[n, c.BACK_CREW] < 0:
            state.desks[held[n, c.BACK_PERSON], c.H_HOLDER] = c.NONE
        else:
            put_back(state.people, state.crews, held[n, c.BACK_CREW], held[n, c.BACK_PERSON], held[n, c.BACK_WORD])
    g[c.G_HELD] = 0
