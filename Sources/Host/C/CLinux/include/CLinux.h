#ifndef CLINUX_H
#define CLINUX_H

/* What Glibc's Swift module does not show: variadic and GNU-only calls, macros, atomics over
 * foreign memory and the thread-local slots. Static inlines only. */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "Epoll.h"
#include "Signals.h"

/* Swift sees glibc without _GNU_SOURCE, so the GNU-only prototypes are declared here. */
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern void *memmem(const void *haystack, size_t n, const void *needle, size_t m);
extern void *memrchr(const void *s, int c, size_t n);

/* eventfd(2) flags are enum constants that Swift imports as an opaque type. */
static inline int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* SOCK_* flags are an enum in glibc, not integers. */
static inline int clinux_stream_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int clinux_set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value);
}

/* Monotonic time in nanoseconds; a vDSO call. */
static inline uint64_t clinux_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/* Seconds since 1970; coarse, a vDSO call. */
static inline int64_t clinux_unix_second(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME_COARSE, &t);
  return (int64_t)t.tv_sec;
}

/* Atomics over memory that is not a Swift `Atomic`: counters in shared blocks, list heads. */
static inline uint64_t clinux_load_relaxed(const uint64_t *p) {
  return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline uint64_t clinux_load_acquire(const uint64_t *p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void clinux_store_relaxed(uint64_t *p, uint64_t v) {
  __atomic_store_n(p, v, __ATOMIC_RELAXED);
}
static inline void clinux_store_release(uint64_t *p, uint64_t v) {
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
static inline uint64_t clinux_add(uint64_t *p, uint64_t v) {
  return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL);
}
static inline uint64_t clinux_exchange(uint64_t *p, uint64_t v) {
  return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
}
static inline int clinux_compare_exchange(uint64_t *p, uint64_t *expected, uint64_t v) {
  return __atomic_compare_exchange_n(p, expected, v, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
/* Orders a store before a later load of another word, which no pair of release and acquire does. */
static inline void clinux_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/* Thread-locals: Swift has none of its own. The worker index of this thread (-1: not a worker);
 * the plugin instance whose code is running (-1: none) and what it was called for, which a crash
 * handler may read; the lane that this thread is, whether it is one of the pool's, and the service
 * call that it is inside of. */
extern _Thread_local int clinux_worker;
extern _Thread_local int clinux_plugin;
extern _Thread_local const char *clinux_step;
extern _Thread_local int clinux_pool;
extern _Thread_local void *clinux_lane;
extern _Thread_local void *clinux_call;
static inline int clinux_worker_get(void) { return clinux_worker; }
static inline void clinux_worker_set(int index) { clinux_worker = index; }
static inline int clinux_plugin_get(void) { return clinux_plugin; }
static inline const char *clinux_step_get(void) { return clinux_step; }
static inline void clinux_plugin_set(int index, const char *step) {
  clinux_plugin = index;
  clinux_step = step;
}
static inline int clinux_pool_get(void) { return clinux_pool; }
static inline void clinux_pool_set(int is) { clinux_pool = is; }
static inline void *clinux_lane_get(void) { return clinux_lane; }
static inline void clinux_lane_set(void *lane) { clinux_lane = lane; }
static inline void *clinux_call_get(void) { return clinux_call; }
static inline void clinux_call_set(void *call) { clinux_call = call; }

/* Affinity of the calling thread: the sets and their macros are GNU-only. The first fills in at
 * most `count` numbers in ascending order and returns how many, or -1; the second returns 0 or -1.
 */
int clinux_processors(int *numbers, int count);
int clinux_stay_on(int number);

#endif
