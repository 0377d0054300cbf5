/* The JSON text that tells a request back to its sender. */
#ifndef ECHO_ANSWER_H
#define ECHO_ANSWER_H

#include <sluice.h>

/* Shown at most; the host's own limit is lower. Bounds the work of grouping by name. */
#define ECHO_HEADERS_MAX 256

/* [any] Writes the answer into the room of out and returns how many bytes it has; when
 * that is more than room, call again with as much. Bytes that are not UTF-8 become
 * U+FFFD. */
size_t echo_answer_write(const sluice_request *request, sluice_span body, int32_t headers,
                         uint8_t *out, size_t room);

#endif
