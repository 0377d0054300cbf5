/* Operations of plugins: plain C functions that are called by their declared signature.
 *
 * Reason for C: libffi's type descriptors are mutable globals, which Swift cannot name.
 */
#ifndef OPERATION_H
#define OPERATION_H

#include <stddef.h>
#include <stdint.h>

/* Most arguments of an operation, `self` apart. */
#define OPERATION_ARGUMENTS_MAX 17

typedef void (*operation_function)(void);

/* One argument behind `self`, by its letter in the signature of sluice_op. */
typedef struct operation_argument {
  char letter;          /* b i u I U d s J */
  uint64_t bits;        /* b i u I U: the value, sign-extended; s: the length */
  double real;          /* d */
  const void *pointer;  /* s: the bytes; J: the reply */
} operation_argument;

/* Calls int32_t function(void *self, ARGS...). 0: done, *status is its answer; -1: there are too
 * many arguments or an unknown letter, and nothing was called. */
int operation_call(operation_function function, void *self, const operation_argument *arguments,
                   size_t count, int32_t *status);

#endif
