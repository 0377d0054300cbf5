/* Thread-local words of the plugin host. */
#include "CFFI.h"

static _Thread_local const entered_marker *entered;
static _Thread_local void *lane;
static _Thread_local void *call;

const entered_marker *entered_swap(const entered_marker *marker) {
  const entered_marker *previous = entered;
  entered = marker;
  return previous;
}

const entered_marker *entered_current(void) { return entered; }

void *lane_swap(void *next) {
  void *previous = lane;
  lane = next;
  return previous;
}

void *lane_current(void) { return lane; }

void *call_swap(void *next) {
  void *previous = call;
  call = next;
  return previous;
}

void *call_current(void) { return call; }
