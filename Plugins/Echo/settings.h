/* What an operator may set for echo, one row a setting:
 *
 *   name     type     default  limits          meaning
 *   maxBody  integer  65536    0 .. 1048576    Largest request body in bytes; 413 above.
 *   headers  boolean  true                     Show the request's headers.
 */
#ifndef ECHO_SETTINGS_H
#define ECHO_SETTINGS_H

#include <sluice.h>

#define ECHO_MAX_BODY_DEFAULT 65536
#define ECHO_MAX_BODY_LIMIT 1048576
#define ECHO_HEADERS_DEFAULT 1

/* JSON Schema of the table above; the host checks a configuration against it first. */
extern const char echo_settings_schema[];

typedef struct echo_settings {
  uint64_t max_body; /* bytes */
  int32_t headers;   /* 0 or 1 */
} echo_settings;

/* [any] Reads a configuration over the defaults. On failure err names the member and
 * settings are as they were. */
sluice_status echo_settings_read(sluice_span json, echo_settings *settings,
                                 sluice_error *err);

#endif
