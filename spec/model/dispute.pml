/* The dispute of spec/dispute.md as a model for spin: sides, phases, layers, clocks, refusals, timeouts.
 *
 * Hashes are taken to be perfect, so a commitment is what it commits to. Of every committed value the model keeps one bit: whether
 * it differs from what the program gives. A tree's leaves are fixed when the tree is opened; a pin, or a digest above, says what the
 * leaves must have in common with the layer above (DISPUTE-7). The referee finds a fault where a value does not follow from the values
 * that it is computed from (DISPUTE-15 to DISPUTE-20). Time runs in ticks; a turn is granted GRANT of them, then the side's clock runs.
 *
 * Who plays: -DHONEST_SOLVER, or -DHONEST_CHALLENGER against a false claim, or neither. The other side does whatever it likes, and
 * so does a third party that sends old moves again and claims timeouts. tests/model/run.sh checks, for every combination and size:
 *   no deadlock                          no invalid end state
 *   an honest solver is not convicted    assertion in settle()
 *   an honest challenger wins            assertion in settle()
 *   moves and clocks are bounded         assertions in made() and settle()
 *   every game ends                      the claim `ends`, where the third party and time do not sleep
 * Each -DBROKEN_... takes one rule away; then spin must find that a property fails, or the property would be no check.
 */

#ifndef STEPS
#define STEPS 3       /* of the segment */
#endif
#ifndef CHUNKS
#define CHUNKS 3      /* of the output of node 2; that of node 1 has one */
#endif
#ifndef RECORDS
#define RECORDS 3     /* of every element of node 1 */
#endif
#ifndef LEVELS
#define LEVELS 1      /* revealed by one move */
#endif
#ifndef GRANT
#define GRANT 1       /* ticks that a turn is granted before its clock runs */
#endif
#ifndef CLOCK
#define CLOCK 1       /* ticks on each side's clock */
#endif
#define NEED GRANT    /* ticks that an honest move takes: what must be fetched and sent */
#define LEAVES 5      /* the most that a tree has */

/* The program of every step: node 0 reads the state, node 1 sums its rows, node 2 doubles it. The next state holds 2 and 1. */
#define NODES 3
#define OUTPUTS 2
#define OPERAND 0     /* of nodes 1 and 2 */
#define OUTPUT(i) (2 - (i))

/* Layers, which number the trees */
#define SEGMENT 0
#define STEP 1
#define STATE 2
#define TENSOR 3
#define ELEMENT 4

#define SOLVER 0
#define CHALLENGER 1

mtype = { starting, opening, selecting, revealing, revealing_chunk, selecting_element, settled };
mtype = { undecided, convicted, upheld };
mtype = { source, output, element, arithmetic, input, join };

mtype phase = starting;
byte layer = SEGMENT;
mtype verdict = undecided;
byte moves;
byte elapsed;                /* ticks since the turn began */
byte used[2];                /* of each clock */
byte spent[2];               /* the same, counted tick by tick: see made() */

bit differs[25];             /* the leaves of the five trees; see leaf() */
bit reads[LEAVES];           /* of each record: whether the operand that it holds differs, */
bit continues[LEAVES];       /* the accumulator that it continues, */
bit results[LEAVES];         /* and its result */
bit elements[2];             /* of the chunk: its first and its last element */
byte begin, end;             /* the selected node of the current layer's tree */
byte step, node;             /* where the descent went through the layers above */
bit disputed;                /* whether that differs what the current layer's commitment is tied to; at first the claimed result */
byte last_index;             /* of the challenger's last selection, for those who send it again */

/* Scratch of one transition, no part of the state. */
hidden byte fb[LEAVES + 1];  /* the front: where its nodes begin, */
hidden byte fe[LEAVES + 1];  /* end, */
hidden byte fd[LEAVES + 1];   /* and whether they differ */
hidden byte count, i, j, k, half, round, first;
hidden byte any, fits, operand, fault, accepted, told_at, told_operand;

#define leaf(tree, index) differs[(tree) * LEAVES + (index)]
#define to_move ((phase == selecting || phase == selecting_element) -> CHALLENGER : SOLVER)
#define turn_length (GRANT + CLOCK - used[to_move])

#ifdef BROKEN_EQUALITY       /* a move at the very deadline is refused */
#define in_time (elapsed < turn_length)
#else
#define in_time (elapsed <= turn_length)
#endif
#ifdef BROKEN_CLAIM          /* a timeout may be claimed at the very deadline */
#define run_out (elapsed >= turn_length)
#else
#define run_out (elapsed > turn_length)
#endif
#ifdef BROKEN_SILENCE        /* one phase has no timeout */
#define claimable (phase != revealing_chunk)
#else
#define claimable true
#endif
#ifdef BROKEN_TURN           /* either side may make the solver's moves */
#define may_open(author) true
#else
#define may_open(author) ((author) == SOLVER)
#endif
#ifdef BROKEN_PIN            /* commitments are not tied to the layer above */
#define tied true
#else
#define tied (any == disputed)
#endif

#ifdef HONEST_SOLVER
#define honest(side) ((side) == SOLVER)
#else
#ifdef HONEST_CHALLENGER
#define honest(side) ((side) == CHALLENGER)
#else
#define honest(side) false
#endif
#endif

/* With -DTRACE a simulation tells each act and what it led to, for tests/model/trace_test.cpp to play the same.
 * Acts: 0 the start, 1 open, 2 chunk, 3 reveal, 4 select, 5 select an element, 6 prove, 7 timeout.
 * Values: 0 a leaf, 1 reads, 2 continues, 3 results, 4 an element, 5 the opened operand, 6 what is disputed. */
#ifdef TRACE
#define told(act, taken, one, two) \
    printf("act %d %d %d %d at %d ", act, taken, one, two, told_at); \
    printf("%e %d %d %d of %d %d ", phase, layer, begin, end, step, node); \
    printf("used %d %d moves %d %e\n", used[0], used[1], moves, verdict); told_at = 0
#define told_value(kind, index, value) printf("value %d %d %d\n", kind, index, value)
#define tells_from() told_at = elapsed
#else
#define told(act, taken, one, two) skip
#define told_value(kind, index, value) skip
#define tells_from() skip
#endif

/* A move for each layer's opening, reveals and selections down to its leaves; the height of a tree with LEAVES leaves is 3. */
#define MOVES_MAX 30


inline size_of_tree() {
    if
    :: layer == SEGMENT -> count = STEPS
    :: layer == STEP -> count = NODES + 1
    :: layer == STATE -> count = OUTPUTS
    :: layer == TENSOR -> count = (node == 1 -> 1 : CHUNKS)
    :: layer == ELEMENT -> count = RECORDS
    fi
}

/* Splits every node of the front that is no leaf, as an RFC 6962 tree does. */
inline split_front() {
    j = count; k = 0;
    do
    :: k < j ->
        if
        :: fe[k] - fb[k] > 1 ->
            half = (fe[k] - fb[k] > 4 -> 4 : (fe[k] - fb[k] > 2 -> 2 : 1));
            i = count;
            do
            :: i > k + 1 -> fb[i] = fb[i - 1]; fe[i] = fe[i - 1]; i--
            :: else -> break
            od;
            fe[k + 1] = fe[k]; fb[k + 1] = fb[k] + half; fe[k] = fb[k] + half;
            count++; j++; k = k + 2
        :: else -> k++
        fi
    :: else -> break
    od
}

/* The front below the selected node: LEVELS splits, and one more where that reaches the leaves (DISPUTE-8). */
inline front() {
    fb[0] = begin; fe[0] = end; count = 1; round = LEVELS;
    if
    :: LEVELS == 1 && end - begin > 2 && end - begin <= 4 -> round = 2
    :: LEVELS == 2 && end - begin > 4 -> round = 3
    :: else
    fi;
    do
    :: round > 0 -> split_front(); round--
    :: else -> break
    od;
    k = 0;
    do
    :: k < count ->
        fd[k] = 0; i = fb[k];
        do
        :: i < fe[k] -> fd[k] = fd[k] | leaf(layer, i); i++
        :: else -> break
        od;
        k++
    :: else -> break
    od;
    i = 0; j = 0; k = 0; half = 0; round = 0
}

/* Every move that is made ends the turn; what it took beyond the grant is charged to who made it. */
inline made() {
#ifdef BROKEN_GRANT          /* the clock runs from the turn's first tick */
    k = (elapsed > CLOCK - used[to_move] -> CLOCK - used[to_move] : elapsed);
#else
    k = (elapsed > GRANT -> elapsed - GRANT : 0);
#endif
#ifdef BROKEN_CHARGE         /* the other side pays */
    used[1 - to_move] = used[1 - to_move] + k;
#else
    used[to_move] = used[to_move] + k;
#endif
    assert(used[to_move] == spent[to_move]);
    assert(used[to_move] <= CLOCK);
    moves++;
    assert(moves <= MOVES_MAX);
    elapsed = 0; k = 0
}

/* What is no longer needed is forgotten, which makes equal states equal. */
inline settle(result) {
    verdict = result;
    phase = settled;
#ifdef HONEST_SOLVER
    assert(verdict != convicted);
#endif
#ifdef HONEST_CHALLENGER
    assert(verdict != upheld);
#endif
    i = 0;
    do
    :: i < 25 -> differs[i] = 0; i++
    :: else -> break
    od;
    forget_element()
}

inline forget_element() {
    i = 0;
    do
    :: i < LEAVES -> reads[i] = 0; continues[i] = 0; results[i] = 0; i++
    :: else -> break
    od;
    elements[0] = 0; elements[1] = 0; i = 0
}

inline enter(next) {
    layer = next;
    phase = opening;
    size_of_tree();
    begin = 0; end = count
}

/* ---- The solver's moves ---- */

inline choose(bit_of) {
    if
    :: honest(SOLVER) -> bit_of = 0
    :: else ->
        if
        :: bit_of = 0
        :: bit_of = 1
        fi
    fi
}


/* The leaves of the tree that is opened, and in `any` what they have that must be `disputed`. */
inline choose_leaves() {
    size_of_tree();
    i = 0; any = 0;
    do
    :: i < count ->
        if
        :: layer == ELEMENT ->
            choose(reads[i]); choose(continues[i]); choose(results[i]);
            leaf(ELEMENT, i) = reads[i] | continues[i] | results[i]
        :: else -> choose(leaf(layer, i))
        fi;
        if
        :: layer == ELEMENT -> any = results[i]
        :: layer == STATE || layer == TENSOR -> any = any | leaf(layer, i)
        :: else -> any = leaf(layer, i)
        fi;
        i++
    :: else -> break
    od
}

inline tell_leaves() {
#ifdef TRACE
    i = 0;
    do
    :: i < count ->
        told_value(0, i, leaf(layer, i));
        told_value(1, i, reads[i]); told_value(2, i, continues[i]); told_value(3, i, results[i]);
        i++
    :: else -> break
    od
#endif
    skip
}

inline open_tree(author) {
    choose_leaves();
    tells_from();
    if
    :: tied && in_time && may_open(author) -> tell_leaves(); made(); phase = selecting; told(1, 1, 0, 0)
    :: else ->               /* nothing of a refused move stays */
        told(1, 0, tied, 0);
        i = 0;
        do
        :: i < LEAVES -> leaf(layer, i) = 0; i++
        :: else -> break
        od;
        if
        :: layer == ELEMENT ->
            i = elements[0]; j = elements[1];
            forget_element();
            elements[0] = i; elements[1] = j
        :: else
        fi
    fi;
    any = 0; count = 0; i = 0; j = 0
}

inline open_chunk(author) {
    choose(elements[0]); choose(elements[1]);
    tells_from();
    if
    :: in_time && may_open(author) && (elements[0] | elements[1]) == leaf(TENSOR, begin) ->
        told_value(4, 0, elements[0]); told_value(4, 1, elements[1]);
        made(); phase = selecting_element; told(2, 1, 0, 0)
    :: else -> told(2, 0, (elements[0] | elements[1]) == leaf(TENSOR, begin), 0); elements[0] = 0; elements[1] = 0
    fi
}

/* A tree's leaves are fixed when it is opened, so revealing more of it is no choice. */
inline reveal(author) {
    tells_from();
    if
    :: in_time && may_open(author) -> made(); phase = selecting; told(3, 1, 0, 0)
    :: else -> told(3, 0, 0, 0)
    fi
}

/* ---- The challenger's moves ---- */

inline select_leaf() {
    if
    :: layer == SEGMENT -> step = begin; disputed = leaf(SEGMENT, begin); made(); enter(STEP)
    :: layer == STEP && begin == NODES -> disputed = leaf(STEP, begin); made(); enter(STATE)
    :: layer == STEP && begin < NODES && begin > 0 -> node = begin; disputed = leaf(STEP, begin); made(); enter(TENSOR)
    :: layer == TENSOR -> made(); phase = revealing_chunk
    :: else -> accepted = false      /* small enough to be proved (DISPUTE-13) */
    fi
}

/* Requires: front(). */
inline select_node(index) {
    accepted = in_time && index < count;
    tells_from();
    if
    :: !accepted
    :: accepted && fe[index] - fb[index] == 1 ->
        i = begin; j = end;
        begin = fb[index]; end = fe[index];
        select_leaf();
        if
        :: accepted
        :: else -> begin = i; end = j
        fi
    :: accepted && fe[index] - fb[index] > 1 -> begin = fb[index]; end = fe[index]; made(); phase = revealing
    fi;
    if
    :: accepted -> last_index = index
    :: else
    fi;
    told(4, accepted, index, 0);
    count = 0; i = 0; j = 0
}

inline select_element(index) {
    accepted = in_time && node == 1;
    tells_from();
    if
    :: accepted -> disputed = elements[index]; last_index = index;
        made(); enter(ELEMENT)
    :: else
    fi;
    told(5, accepted, index, 0);
    count = 0
}

/* Opens something of a commitment that differs somewhere, when `any` says so: it may be what differs, or not. */
inline open_committed() {
    if
    :: any == 1 ->
        if
        :: operand = 0
        :: operand = 1
        fi
    :: else -> operand = 0
    fi
}

/* Whether evidence fits the place, and whether it shows a fault. Requires: front(), for the layers that have one. */
inline judge(index, evidence) {
    fits = false; fault = false;
    first = fb[index];
    if
    :: phase == selecting && layer == STEP && evidence == source && fe[index] - first == 1 && first == 0 ->
        fits = true;
        any = (step > 0 -> leaf(SEGMENT, step - 1) : 0);
        open_committed();
        fault = leaf(STEP, 0) != operand
    :: phase == selecting && layer == STATE && evidence == output && fe[index] - first == 1 ->
        fits = true;
        fault = leaf(STATE, first) != leaf(STEP, OUTPUT(first))
    :: phase == selecting_element && evidence == element && node == 2 ->
        fits = true;
        any = leaf(STEP, OPERAND);
        open_committed();
        fault = elements[index] != operand
    :: phase == selecting && layer == ELEMENT && evidence == arithmetic && fe[index] - first == 1 ->
        fits = true;
        fault = results[first] != (reads[first] | continues[first]) || (first == 0 && continues[first])
    :: phase == selecting && layer == ELEMENT && evidence == input && fe[index] - first == 1 ->
        fits = true;
        any = leaf(STEP, OPERAND);
        open_committed();
        fault = reads[first] != operand
    :: phase == selecting && layer == ELEMENT && evidence == join && fe[index] - first == 1 && first > 0 ->
        fits = true;
#ifdef BROKEN_JOIN           /* the referee does not compare neighbours */
        fault = false
#else
        fault = continues[first] != results[first - 1]
#endif
    :: else
    fi;
#ifdef BROKEN_REFEREE        /* the referee convicts whom it finds consistent */
    fault = true;
#endif
    told_operand = operand;
    operand = 0; first = 0; any = 0
}

inline prove(index, evidence) {
    accepted = false;
    tells_from();
    if
    :: in_time && (phase == selecting_element || index < count) ->
        judge(index, evidence);
        accepted = fits
    :: else
    fi;
    if
    :: accepted && fault -> made(); settle(convicted)
    :: accepted && !fault -> made(); settle(upheld)
    :: else
    fi;
    told_value(5, 0, told_operand);
    told(6, accepted, index, source - evidence);
    told_operand = 0;
    count = 0; fits = false; fault = false
}

/* The first entry of the front that differs. */
inline first_difference() {
    first = 0;
    do
    :: first < count && !fd[first] -> first++
    :: else -> break
    od
}

/* Which part of a record is wrong: what it continues, what it reads, otherwise its own arithmetic (DISPUTE-23). */
inline prove_record() {
    i = fb[first];
    if
    :: i > 0 && continues[i] -> i = 0; prove_at(join)
    :: !(i > 0 && continues[i]) && reads[i] -> i = 0; prove_at(input)
    :: else -> i = 0; prove_at(arithmetic)
    fi
}

inline prove_at(evidence) {
    last_index = first;
    prove(last_index, evidence);
    assert(accepted)
}

/* What the honest challenger does with the first difference. There is one, unless the rules are broken: then it can only wait. */
inline challenge() {
    front();
    first_difference();
    if
    :: first == count -> count = 0; first = 0; accepted = false
    :: else ->
        if
        :: fe[first] - fb[first] > 1 || layer == SEGMENT || layer == TENSOR || (layer == STEP && fb[first] > 0) ->
            last_index = first;
            first = 0;
            select_node(last_index)
        :: fe[first] - fb[first] == 1 && layer == STEP && fb[first] == 0 -> prove_at(source)
        :: fe[first] - fb[first] == 1 && layer == STATE -> prove_at(output)
        :: fe[first] - fb[first] == 1 && layer == ELEMENT -> prove_record()
        fi
    fi;
    forget_front()
}

inline challenge_element() {
    last_index = (elements[0] -> 0 : 1);
    if
    :: node == 1 -> select_element(last_index)
    :: else -> prove(last_index, element)
    fi
}

inline forget_front() {
    k = 0;
    do
    :: k <= LEAVES -> fb[k] = 0; fe[k] = 0; fd[k] = 0; k++
    :: else -> break
    od;
    k = 0; first = 0; count = 0
}

inline pick_index() {
    last_index = 0;
    do
    :: last_index < LEAVES -> last_index++
    :: break
    od
}

/* ---- Who plays ---- */

#define solver_turn (phase == opening || phase == revealing || phase == revealing_chunk)
#define ready(side) (!honest(side) || elapsed >= NEED)

active proctype Solver() {
    do
    :: atomic { phase == opening && ready(SOLVER) -> open_tree(SOLVER) }
    :: atomic { phase == revealing && ready(SOLVER) -> reveal(SOLVER) }
    :: atomic { phase == revealing_chunk && ready(SOLVER) -> open_chunk(SOLVER) }
    :: atomic { phase == settled -> break }
    od
}

active proctype Challenger() {
    byte wanted;
    do
#ifdef HONEST_CHALLENGER
    :: atomic { phase == selecting && ready(CHALLENGER) -> challenge() }
    :: atomic { phase == selecting_element && ready(CHALLENGER) -> challenge_element() }
#else
    :: atomic { phase == selecting -> front(); select (wanted : 0 .. LEAVES); select_node(wanted); wanted = 0; forget_front() }
    :: atomic { phase == selecting_element -> select (wanted : 0 .. 1); select_element(wanted); wanted = 0 }
    :: atomic { (phase == selecting || phase == selecting_element) ->
        if
        :: phase == selecting -> front(); select (wanted : 0 .. LEAVES)
        :: phase == selecting_element -> select (wanted : 0 .. 1)
        fi;
        if
        :: prove(wanted, source)
        :: prove(wanted, output)
        :: prove(wanted, element)
        :: prove(wanted, arithmetic)
        :: prove(wanted, input)
        :: prove(wanted, join)
        fi;
        wanted = 0; forget_front() }
#ifdef BROKEN_TURN
    :: atomic { phase == opening ->
        size_of_tree(); leaf(layer, count - 1) = 1; made(); phase = selecting; count = 0 }
#endif
#endif
    :: atomic { phase == settled -> break }
    od
}

/* Anybody: sends moves again that were made, and claims timeouts, at any time. */
active proctype Anybody() {
    do
    :: atomic { phase != settled && claimable && run_out ->
        tells_from();
        if
        :: to_move == SOLVER -> settle(convicted)
        :: else -> settle(upheld)
        fi;
        told(7, 1, 0, 0) }
#ifdef BROKEN_NUMBER         /* a move that was made can be made again */
    :: atomic { phase == selecting && moves > 1 -> front(); select_node(last_index); forget_front() }
#endif
#ifdef BROKEN_REFUSAL        /* a move that is refused costs time */
    :: atomic { phase != settled && used[to_move] < CLOCK -> used[to_move] = used[to_move] + 1 }
#endif
#ifdef BROKEN_END            /* a timeout can be claimed after the end */
    :: atomic { phase == settled && elapsed == 0 -> elapsed = 1; settle((verdict == upheld -> convicted : upheld)) }
#endif
    :: atomic { phase == settled -> break }
    od
}

/* Time. It does not pass the deadline of an honest side that can move: an honest side moves in time. */
active proctype Time() {
    do
    :: atomic { phase != starting && phase != settled && elapsed <= turn_length && !(honest(to_move) && elapsed == turn_length && elapsed >= NEED) ->
        if
        :: elapsed >= GRANT && elapsed < turn_length -> spent[to_move] = spent[to_move] + 1
        :: else
        fi;
        elapsed++ }
    :: atomic { phase == settled -> break }
    od
}

init {
    atomic {
        forget_front();
#ifdef HONEST_CHALLENGER
        disputed = 1;
#else
        choose(disputed);
#endif
        enter((STEPS > 1 -> SEGMENT : STEP));
        told_value(6, 0, disputed);
        told(0, 1, 0, 0);
        count = 0
    }
}

#ifdef LIVENESS
ltl ends { <> (phase == settled) }
#endif
