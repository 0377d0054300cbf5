/* Functions bound to one plugin instance, and what the plugin host keeps per thread.
 *
 * Reason for C: libffi's type descriptors are mutable globals and its closures call back with
 * untyped arguments; Swift can neither name the first nor write the second. Swift has no
 * thread-local storage of its own either.
 */
#ifndef CFFI_H
#define CFFI_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "Operation.h"

/* ---- bound functions ---- */

/* Most arguments a bound function takes, without the context. */
#define BOUND_ARGUMENTS_MAX 8
/* Instances that can be served when the kernel forbids closures. */
#define BOUND_FIXED_MAX 64

/* One function of one instance. Its memory is never given back: a forgotten thread of the
 * plugin may call it at any later time. */
typedef struct bound_record bound_record;

/* Makes a function of the given signature, RET(ARGS) in the letters of sluice_registry_api,
 * that calls target(context, ARGS). context and signature must live for ever. fixed != 0 takes
 * a compiled trampoline instead of a closure. NULL: bad signature, or none of either is left. */
bound_record *bound_make(const char *signature, void (*target)(void), void *context, int fixed);
/* The pointer that is handed to the plugin, to be cast to its real type. */
void *bound_function(const bound_record *record);
/* From now on a call does nothing and returns SLUICE_E_GONE (i), 0 (others) or nothing. */
void bound_kill(bound_record *record);
/* 1 when the record uses a compiled trampoline. */
int bound_is_fixed(const bound_record *record);

/* ---- per thread ---- */

/* Whose code runs on this thread; read by signal handlers, so it is plain memory. */
typedef struct entered_marker {
  const uint8_t *name;
  size_t name_length;
} entered_marker;

const entered_marker *entered_swap(const entered_marker *marker);
const entered_marker *entered_current(void);

/* The lane this thread is, and the service call it is inside of; NULL: none. */
void *lane_swap(void *lane);
void *lane_current(void);
void *call_swap(void *call);
void *call_current(void);

/* ---- what Swift's importer leaves out ---- */

/* dlsym's result as a function: ISO C has no such cast, POSIX promises it. */
typedef void (*plain_function)(void);
plain_function function_from(void *symbol);

#endif
