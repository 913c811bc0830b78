/* The plain chain as a C loop: the same as by_hand() of chain_programs.py, as fast as one would write it by hand.

   A binary heap of events, a list of free places and a first-come queue per desk, and a row for each visit. Randomness is
   addressed by key (incident, level, purpose), as in simgov, so that the two do the same work.

   cc -O2 -o plain_chain plain_chain.c -lm && ./plain_chain SEED DAYS A_DAY [FILE FOR THE ROWS]
   Prints the seconds that simulating took, the incidents born and the visits done. */

#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LEVELS = 4, UNITS = 439, GRIDS = 33, NONE = -1 };
static const int count[LEVELS] = {UNITS, GRIDS, 1, 1}, people[LEVELS] = {1, 1, 4, 6};
static const double closes[LEVELS] = {0.6, 0.5, 0.8, 1.0}, work = 3600.0;

typedef struct { int64_t incident, level; double entered, started, left; } Row;
typedef struct { double time; int32_t incident; } Event; /* of the incident in this place; NONE: the next arrival */
typedef struct { int64_t number; int32_t unit, level, next; double entered, started; } Incident;
typedef struct { int32_t free, first, last; } Desk;

static Row *rows; static size_t done, room;
static Event *heap; static int32_t events, heap_room;
static Incident *place; static int32_t places, unused; /* places of incidents under way; the unused ones are a list */
static Desk desk[LEVELS][UNITS];

static void *grow(void *old, size_t bytes)
{
    void *new = realloc(old, bytes);
    if (!new) { fputs("no memory\n", stderr); exit(1); }
    return new;
}

/* ── chance ───────────────────────────────────────────────────────────────────────────────────────── */

enum { GAP, UNIT, WORK, OUTCOME };

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double uniform(uint64_t seed, int64_t incident, int level, int purpose)
{
    uint64_t bits = mix(mix(seed + (uint64_t)incident * 0x9E3779B97F4A7C15u) + (uint64_t)(4 * level + purpose + 1) * 0xD1342543DE82EF95u);
    return ((bits >> 12) + 0.5) / 4503599627370496.0;
}

/* ── events ───────────────────────────────────────────────────────────────────────────────────────── */

static void push(double time, int32_t incident)
{
    if (events == heap_room) heap = grow(heap, (heap_room = 2 * heap_room + 64) * sizeof *heap);
    int32_t i = events++;
    for (; i && heap[(i - 1) / 2].time > time; i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = (Event){time, incident};
}

static Event pop(void)
{
    Event top = heap[0], last = heap[--events];
    int32_t i = 0, child;
    while ((child = 2 * i + 1) < events) {
        if (child + 1 < events && heap[child + 1].time < heap[child].time) child++;
        if (heap[child].time >= last.time) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

/* ── the chain ────────────────────────────────────────────────────────────────────────────────────── */

static Desk *desk_of(const Incident *x) { return &desk[x->level][(int64_t)x->unit * count[x->level] / UNITS]; }

static void start(uint64_t seed, int32_t i, double now)
{
    place[i].started = now;
    push(now - work * log(uniform(seed, place[i].number, place[i].level, WORK)), i);
}

static void enter(uint64_t seed, int32_t i, double now)
{
    Desk *d = desk_of(&place[i]);
    place[i].entered = now;
    if (d->free) {
        d->free--;
        start(seed, i, now);
    } else {
        place[i].next = NONE;
        if (d->first == NONE) d->first = i; else place[d->last].next = i;
        d->last = i;
    }
}

static void leave(uint64_t seed, int32_t i, double now)
{
    Incident *x = &place[i];
    Desk *d = desk_of(x);
    if (done == room) rows = grow(rows, (room = 2 * room + 4096) * sizeof *rows);
    rows[done++] = (Row){x->number, x->level, x->entered, x->started, now};
    if (d->first == NONE) {
        d->free++;
    } else {
        int32_t next = d->first;
        d->first = place[next].next;
        start(seed, next, now);
    }
    if (uniform(seed, x->number, x->level, OUTCOME) < closes[x->level]) {
        x->next = unused;
        unused = i;
    } else {
        x->level++;
        enter(seed, i, now);
    }
}

static int64_t simulate(uint64_t seed, double horizon, double a_day)
{
    int64_t born = 0;
    for (int level = 0; level < LEVELS; level++)
        for (int i = 0; i < count[level]; i++) desk[level][i] = (Desk){people[level], NONE, NONE};
    unused = NONE;
    push(-86400.0 / a_day * log(uniform(seed, 0, 0, GAP)), NONE);
    while (heap[0].time < horizon) {
        Event event = pop();
        if (event.incident != NONE) {
            leave(seed, event.incident, event.time);
            continue;
        }
        if (unused == NONE) {
            int32_t more = places + 64;
            place = grow(place, (size_t)more * sizeof *place);
            while (more-- > places) { place[more].next = unused; unused = more; }
            places += 64;
        }
        int32_t i = unused;
        unused = place[i].next;
        place[i].number = born;
        place[i].unit = (int32_t)(uniform(seed, born, 0, UNIT) * UNITS);
        place[i].level = 0;
        enter(seed, i, event.time);
        born++;
        push(event.time - 86400.0 / a_day * log(uniform(seed, born, 0, GAP)), NONE);
    }
    return born;
}

int main(int arguments, char **argument)
{
    if (arguments < 4) { fputs("plain_chain SEED DAYS A_DAY [FILE]\n", stderr); return 2; }
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int64_t born = simulate(mix(strtoull(argument[1], NULL, 10)), 86400.0 * atof(argument[2]), atof(argument[3]));
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f %lld %zu\n", (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec), (long long)born, done);
    if (arguments > 4) {
        FILE *file = fopen(argument[4], "wb");
        if (!file || fwrite(rows, sizeof *rows, done, file) != done || fclose(file)) { perror(argument[4]); return 1; }
    }
    return 0;
}
