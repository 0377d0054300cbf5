#include "CFFI.h"

#include <string.h>

plain_function function_from(void *symbol) {
  plain_function function;
  memcpy(&function, &symbol, sizeof function);
  return function;
}
