#ifndef CSEEDEDRANDOM_H
#define CSEEDEDRANDOM_H

#include <stdint.h>

/* Random numbers of OpenSSL that follow from a seed, on the calling thread alone: equal runs of a
 * simulation make equal handshakes. Other threads keep the real ones. */
__attribute__((visibility("default"))) void seeded_random_begin(uint64_t seed);
__attribute__((visibility("default"))) void seeded_random_end(void);

#endif
