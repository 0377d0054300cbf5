/* Closures: one generic trampoline puts the context in front of the arguments. */
#include "Bound.h"

#include <ffi.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_GONE (-3) /* SLUICE_E_GONE */

/* sluice_span by value. */
static ffi_type *span_members[] = {&ffi_type_pointer, &ffi_type_uint64, NULL};
static ffi_type span_type = {0, 0, FFI_TYPE_STRUCT, span_members};

static ffi_type *type_of(char letter) {
  switch (letter) {
  case 'v': return &ffi_type_void;
  case 'b':
  case 'i': return &ffi_type_sint32;
  case 'u': return &ffi_type_uint32;
  case 'I': return &ffi_type_sint64;
  case 'U': return &ffi_type_uint64;
  case 'd': return &ffi_type_double;
  case 's': return &span_type;
  case 'p': return &ffi_type_pointer;
  default: return NULL;
  }
}

static void answer_gone(const ffi_cif *cif, void *result) {
  if (cif->rtype == &ffi_type_void)
    return;
  if (cif->rtype == &ffi_type_sint32)
    *(ffi_sarg *)result = STATUS_GONE;
  else
    memset(result, 0, sizeof(ffi_arg));
}

static void enter(ffi_cif *cif, void *result, void **arguments, void *user) {
  bound_record *record = user;
  void *inner[1 + BOUND_ARGUMENTS_MAX];
  if (atomic_load_explicit(&record->dead, memory_order_acquire)) {
    answer_gone(cif, result);
    return;
  }
  inner[0] = &record->context;
  if (cif->nargs)
    memcpy(inner + 1, arguments, cif->nargs * sizeof(void *));
  ffi_call(record->inner, record->target, result, inner);
}

typedef struct shape {
  ffi_cif outer, inner;
  ffi_type *types[1 + BOUND_ARGUMENTS_MAX]; /* the context first */
} shape;

static int shape_read(shape *out, const char *signature) {
  ffi_type *result = type_of(signature[0]);
  unsigned count = 0;
  if (!result || signature[1] != '(')
    return 0;
  out->types[0] = &ffi_type_pointer;
  for (const char *letter = signature + 2; *letter != ')'; letter++) {
    ffi_type *type = *letter && *letter != 'v' ? type_of(*letter) : NULL;
    if (!type || count == BOUND_ARGUMENTS_MAX)
      return 0;
    out->types[1 + count++] = type;
  }
  return ffi_prep_cif(&out->outer, FFI_DEFAULT_ABI, count, result, out->types + 1) == FFI_OK &&
         ffi_prep_cif(&out->inner, FFI_DEFAULT_ABI, count + 1, result, out->types) == FFI_OK;
}

static int closure_make(bound_record *record, const char *signature) {
  shape *types = calloc(1, sizeof *types);
  void *code = NULL;
  ffi_closure *closure;
  if (!types)
    return 0;
  if (!shape_read(types, signature)) {
    free(types);
    return 0;
  }
  closure = ffi_closure_alloc(sizeof *closure, &code);
  if (!closure) {
    free(types);
    return 0;
  }
  record->inner = &types->inner;
  if (ffi_prep_closure_loc(closure, &types->outer, enter, record, code) != FFI_OK) {
    ffi_closure_free(closure);
    free(types);
    return 0;
  }
  record->function = code;
  return 1;
}

bound_record *bound_make(const char *signature, plain_function target, void *context, int fixed) {
  bound_record *record = calloc(1, sizeof *record);
  if (!record)
    return NULL;
  record->target = target;
  record->context = context;
  if (!fixed && closure_make(record, signature))
    return record;
  record->fixed = 1;
  record->function = fixed_take(signature, record);
  if (record->function)
    return record;
  free(record);
  return NULL;
}

void *bound_function(const bound_record *record) { return record->function; }

void bound_kill(bound_record *record) {
  atomic_store_explicit(&record->dead, 1, memory_order_release);
}

int bound_is_fixed(const bound_record *record) { return record->fixed; }

plain_function function_from(void *symbol) {
  plain_function function;
  memcpy(&function, &symbol, sizeof function);
  return function;
}
