/* Compiled trampolines, for kernels and policies that refuse to make memory executable.
 *
 * Every signature of a bound table occurs once here, and once in an instance, so each has as
 * many trampolines as instances may exist. */
#include "Bound.h"

#include <string.h>

typedef struct span {
  const uint8_t *data;
  size_t length;
} span;

typedef struct pool {
  const char *signature;
  bound_record **slots;
  const plain_function *functions;
  _Atomic uint32_t used;
} pool;

static int alive(const bound_record *record) {
  return !atomic_load_explicit(&record->dead, memory_order_acquire);
}

#define STATUS_GONE (-3) /* SLUICE_E_GONE */
#define NOTHING ((void)0)

/* A trampoline, number N of the shape NAME. */
#define ONE(NAME, N, RET, GONE, PARAMETERS, INNER, CALL)                                   \
  static RET NAME##_##N PARAMETERS {                                                       \
    bound_record *r = NAME##_slots[0x##N];                                                 \
    if (!alive(r))                                                                         \
      return GONE;                                                                         \
    return ((RET(*) INNER)r->target)CALL;                                                  \
  }

#define ROW(NAME, H, ...)                                                                  \
  ONE(NAME, H##0, __VA_ARGS__) ONE(NAME, H##1, __VA_ARGS__) ONE(NAME, H##2, __VA_ARGS__)   \
  ONE(NAME, H##3, __VA_ARGS__) ONE(NAME, H##4, __VA_ARGS__) ONE(NAME, H##5, __VA_ARGS__)   \
  ONE(NAME, H##6, __VA_ARGS__) ONE(NAME, H##7, __VA_ARGS__) ONE(NAME, H##8, __VA_ARGS__)   \
  ONE(NAME, H##9, __VA_ARGS__) ONE(NAME, H##a, __VA_ARGS__) ONE(NAME, H##b, __VA_ARGS__)   \
  ONE(NAME, H##c, __VA_ARGS__) ONE(NAME, H##d, __VA_ARGS__) ONE(NAME, H##e, __VA_ARGS__)   \
  ONE(NAME, H##f, __VA_ARGS__)

#define PLAIN(F) (plain_function)F
#define NAMES(NAME, H)                                                                     \
  PLAIN(NAME##_##H##0), PLAIN(NAME##_##H##1), PLAIN(NAME##_##H##2), PLAIN(NAME##_##H##3),  \
      PLAIN(NAME##_##H##4), PLAIN(NAME##_##H##5), PLAIN(NAME##_##H##6),                    \
      PLAIN(NAME##_##H##7), PLAIN(NAME##_##H##8), PLAIN(NAME##_##H##9),                    \
      PLAIN(NAME##_##H##a), PLAIN(NAME##_##H##b), PLAIN(NAME##_##H##c),                    \
      PLAIN(NAME##_##H##d), PLAIN(NAME##_##H##e), PLAIN(NAME##_##H##f)

#define SHAPE(NAME, ...)                                                                   \
  static bound_record *NAME##_slots[BOUND_FIXED_MAX];                                      \
  ROW(NAME, 0, __VA_ARGS__)                                                                \
  ROW(NAME, 1, __VA_ARGS__)                                                                \
  ROW(NAME, 2, __VA_ARGS__)                                                                \
  ROW(NAME, 3, __VA_ARGS__)                                                                \
  static const plain_function NAME##_functions[BOUND_FIXED_MAX] = {                        \
      NAMES(NAME, 0), NAMES(NAME, 1), NAMES(NAME, 2), NAMES(NAME, 3)};

#define POOL(NAME, SIGNATURE) {SIGNATURE, NAME##_slots, NAME##_functions, 0}

typedef void *p;
typedef int32_t i;
typedef uint32_t u;
typedef uint64_t U;

SHAPE(find, p, NULL, (p a), (p, p), (r->context, a))
SHAPE(write, void, NOTHING, (i a, span b, p c, U d), (p, i, span, p, U), (r->context, a, b, c, d))
SHAPE(define, i, STATUS_GONE, (p a, p b), (p, p, p), (r->context, a, b))
SHAPE(cell, i, STATUS_GONE, (u a, p b, U c, p d), (p, u, p, U, p), (r->context, a, b, c, d))
SHAPE(observe, void, NOTHING, (p a, double b), (p, p, double), (r->context, a, b))
SHAPE(report, i, STATUS_GONE, (span a, i b, span c), (p, span, i, span), (r->context, a, b, c))
SHAPE(beat, i, STATUS_GONE, (span a, U b), (p, span, U), (r->context, a, b))
SHAPE(now, U, 0, (void), (p), (r->context))
SHAPE(here, i, STATUS_GONE, (void), (p), (r->context))
SHAPE(post, i, STATUS_GONE, (i a, p b, p c), (p, i, p, p), (r->context, a, b, c))
SHAPE(blocking, i, STATUS_GONE, (p a, p b, p c, i d), (p, p, p, p, i), (r->context, a, b, c, d))
SHAPE(timer, i, STATUS_GONE, (i a, U b, U c, p d, p e, p f), (p, i, U, U, p, p, p),
      (r->context, a, b, c, d, e, f))
SHAPE(untimer, i, STATUS_GONE, (U a), (p, U), (r->context, a))
SHAPE(watch, i, STATUS_GONE, (i a, i b, u c, p d, p e, p f), (p, i, i, u, p, p, p),
      (r->context, a, b, c, d, e, f))
SHAPE(drained, void, NOTHING, (void), (p), (r->context))
SHAPE(begin, i, STATUS_GONE, (span a, p b), (p, span, p), (r->context, a, b))
SHAPE(put, i, STATUS_GONE, (p a, span b, span c, span d, span e, p f),
      (p, p, span, span, span, span, p), (r->context, a, b, c, d, e, f))
SHAPE(drop, i, STATUS_GONE, (p a, span b, span c), (p, p, span, span), (r->context, a, b, c))
SHAPE(clear, i, STATUS_GONE, (p a), (p, p), (r->context, a))
SHAPE(commit, i, STATUS_GONE, (p a, p b, p c, p d), (p, p, p, p, p), (r->context, a, b, c, d))
SHAPE(abandon, void, NOTHING, (p a), (p, p), (r->context, a))
SHAPE(note, i, STATUS_GONE, (p a, p b, p c), (p, p, p, p), (r->context, a, b, c))

static pool pools[] = {
    POOL(find, "p(p)"),        POOL(write, "v(ispU)"),  POOL(define, "i(pp)"),
    POOL(cell, "i(upUp)"),     POOL(observe, "v(pd)"),  POOL(report, "i(sis)"),
    POOL(beat, "i(sU)"),       POOL(now, "U()"),        POOL(here, "i()"),
    POOL(post, "i(ipp)"),      POOL(blocking, "i(pppi)"), POOL(timer, "i(iUUppp)"),
    POOL(untimer, "i(U)"),     POOL(watch, "i(iiuppp)"), POOL(drained, "v()"),
    POOL(begin, "i(sp)"),      POOL(put, "i(pssssp)"),  POOL(drop, "i(pss)"),
    POOL(clear, "i(p)"),       POOL(commit, "i(pppp)"), POOL(abandon, "v(p)"),
    POOL(note, "i(ppp)"),
};

void *fixed_take(const char *signature, bound_record *record) {
  for (size_t k = 0; k < sizeof pools / sizeof *pools; k++) {
    pool *found = &pools[k];
    uint32_t index;
    void *function;
    if (strcmp(found->signature, signature) != 0)
      continue;
    index = atomic_fetch_add_explicit(&found->used, 1, memory_order_relaxed);
    if (index >= BOUND_FIXED_MAX) {
      atomic_fetch_sub_explicit(&found->used, 1, memory_order_relaxed);
      return NULL;
    }
    found->slots[index] = record;
    memcpy(&function, &found->functions[index], sizeof function);
    return function;
  }
  return NULL;
}
