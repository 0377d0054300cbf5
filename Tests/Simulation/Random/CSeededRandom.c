/* The one way to replace random numbers for a part of a process is deprecated, and works. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "CSeededRandom.h"

#include <openssl/rand.h>
#include <pthread.h>

static __thread int is_seeded;
static __thread uint64_t state;

/* SplitMix64, one byte of each number. */
static unsigned char next_byte(void) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return (unsigned char)(mixed ^ (mixed >> 31));
}

static int bytes(unsigned char *target, int count) {
  if (!is_seeded) return RAND_OpenSSL()->bytes(target, count);
  for (int place = 0; place < count; place++) target[place] = next_byte();
  return 1;
}

static int status(void) { return 1; }

static void install(void) {
  static const RAND_METHOD method = {
      .bytes = bytes,
      .pseudorand = bytes,
      .status = status,
  };
  RAND_set_rand_method(&method);
}

void seeded_random_begin(uint64_t seed) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  is_seeded = 1;
  state = seed;
}

void seeded_random_end(void) { is_seeded = 0; }
