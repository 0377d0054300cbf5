/* Calls a function by a signature that is known at run time. */
#include "Operation.h"

#include <ffi.h>

/* sluice_span by value. */
typedef struct span {
  const void *data;
  size_t length;
} span;

/* What ffi_call points at: each argument in its own type. */
typedef union value {
  int32_t i;
  uint32_t u;
  int64_t wide_i;
  uint64_t wide_u;
  double d;
  span s;
  const void *p;
} value;

/* Fills one argument; NULL: there is no such letter. */
static ffi_type *take(value *out, const operation_argument *argument, ffi_type *span_type) {
  switch (argument->letter) {
  case 'b':
  case 'i': out->i = (int32_t)argument->bits; return &ffi_type_sint32;
  case 'u': out->u = (uint32_t)argument->bits; return &ffi_type_uint32;
  case 'I': out->wide_i = (int64_t)argument->bits; return &ffi_type_sint64;
  case 'U': out->wide_u = argument->bits; return &ffi_type_uint64;
  case 'd': out->d = argument->real; return &ffi_type_double;
  case 's': out->s = (span){argument->pointer, (size_t)argument->bits}; return span_type;
  case 'J': out->p = argument->pointer; return &ffi_type_pointer;
  default: return NULL;
  }
}

int operation_call(operation_function function, void *self, const operation_argument *arguments,
                   size_t count, int32_t *status) {
  /* A descriptor of its own for each call: libffi writes the size of a struct into it. */
  ffi_type *members[] = {&ffi_type_pointer, &ffi_type_uint64, NULL};
  ffi_type span_type = {0, 0, FFI_TYPE_STRUCT, members};
  ffi_type *types[1 + OPERATION_ARGUMENTS_MAX];
  value values[OPERATION_ARGUMENTS_MAX];
  void *places[1 + OPERATION_ARGUMENTS_MAX];
  ffi_cif cif;
  ffi_sarg result = 0;
  if (count > OPERATION_ARGUMENTS_MAX)
    return -1;
  types[0] = &ffi_type_pointer;
  places[0] = &self;
  for (size_t k = 0; k < count; k++) {
    types[1 + k] = take(&values[k], &arguments[k], &span_type);
    places[1 + k] = &values[k];
    if (!types[1 + k])
      return -1;
  }
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1 + (unsigned)count, &ffi_type_sint32, types) != FFI_OK)
    return -1;
  ffi_call(&cif, function, &result, places);
  *status = (int32_t)result;
  return 0;
}
