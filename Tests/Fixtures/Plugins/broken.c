/* A library that is refused. The compiler's -D options choose how:
 * BROKEN_CONSTRUCTOR is a statement of a constructor, BROKEN_ENTRY one of the entry function,
 * BROKEN_CREATE one of create, PROBE_SPOIL one that spoils the description. */
#include "probe.h"

#ifdef BROKEN_CONSTRUCTOR
__attribute__((constructor)) static void construct(void) { BROKEN_CONSTRUCTOR; }
#endif

#ifdef BROKEN_SYMBOL
extern int a_function_of_nobody(void);
#endif

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  (void)host;
  (void)instance;
  (void)self;
  (void)err;
#ifdef BROKEN_CREATE
  BROKEN_CREATE;
#endif
#ifdef BROKEN_SYMBOL
  return a_function_of_nobody();
#endif
  return SLUICE_OK;
}

#ifndef BROKEN_NO_ENTRY
const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {.size = sizeof ops, .create = create};
  (void)hello;
  (void)err;
#ifdef BROKEN_ENTRY
  BROKEN_ENTRY;
#endif
  return probe_describe(&ops);
}
#endif
