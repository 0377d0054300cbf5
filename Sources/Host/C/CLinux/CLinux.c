#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>
#include <string.h>

_Thread_local int clinux_worker = -1;
_Thread_local int clinux_plugin = -1;
_Thread_local const char *clinux_step;
_Thread_local int clinux_pool;
_Thread_local void *clinux_lane;
_Thread_local void *clinux_call;

enum { processors_max = 8192, sets = processors_max / CPU_SETSIZE };

int clinux_processors(int *numbers, int count) {
  cpu_set_t allowed[sets];
  memset(allowed, 0, sizeof allowed);
  if (sched_getaffinity(0, sizeof allowed, allowed) != 0) return -1;
  int found = 0;
  for (int number = 0; number < processors_max && found < count; number++)
    if (CPU_ISSET_S(number, sizeof allowed, allowed)) numbers[found++] = number;
  return found;
}

int clinux_stay_on(int number) {
  cpu_set_t allowed[sets];
  memset(allowed, 0, sizeof allowed);
  CPU_SET_S(number, sizeof allowed, allowed);
  return sched_setaffinity(0, sizeof allowed, allowed);
}
