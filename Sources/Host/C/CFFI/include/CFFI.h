/* What Swift's importer leaves out of calls to functions whose type is known only at run time.
 *
 * Reason for C: ISO C and Swift have no cast from an address to a function; POSIX promises it.
 */
#ifndef CFFI_H
#define CFFI_H

#include "Operation.h"

/* A function of any type, to be cast to its real one by the one who knows it. */
typedef void (*plain_function)(void);

/* dlsym's result as a function. */
plain_function function_from(void *symbol);

#endif
