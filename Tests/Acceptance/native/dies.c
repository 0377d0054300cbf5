/* A plugin that is broken in the way that its compile flag names. */
#include "sluice.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef DIE_IN_CONSTRUCTOR
static volatile int *volatile nowhere;
__attribute__((constructor)) static void die(void) { *nowhere = 1; }
#endif

#ifdef EXIT_IN_CONSTRUCTOR
__attribute__((constructor)) static void leave(void) { _exit(7); }
#endif

#ifdef MISSING_SYMBOL
extern int no_such_function_anywhere(void);
__attribute__((constructor)) static void miss(void) { (void)no_such_function_anywhere(); }
#endif

#ifndef NO_ENTRY
static sluice_plugin_desc description;

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {.size = sizeof ops};
  (void)hello;
  (void)err;
#ifdef DIE_IN_ENTRY
  abort();
#endif
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
#ifdef WRONG_STAMP
  description.stamp.abi_major = 99;
#endif
  description.id = sluice_text("test.dies");
  description.version = sluice_text("1.0.0");
  description.ops = &ops;
  return &description;
}
#endif
