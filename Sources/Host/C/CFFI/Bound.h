/* What closures and compiled trampolines share. */
#ifndef BOUND_H
#define BOUND_H

#include "CFFI.h"

struct bound_record {
  _Atomic uint32_t dead;
  int fixed;
  void *context;
  plain_function target;
  void *function;
  void *inner; /* ffi_cif of target; closures only */
};

/* Takes a free compiled trampoline of this signature, or NULL. */
void *fixed_take(const char *signature, bound_record *record);

#endif
