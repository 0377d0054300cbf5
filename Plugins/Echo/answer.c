#include "answer.h"

#include <string.h>

/* Counts always, writes while there is room: so one pass also measures. */
typedef struct sink {
  uint8_t *out;
  size_t room;
  size_t length;
} sink;

static void put(sink *s, const void *bytes, size_t count) {
  if (count > 0 && s->length + count <= s->room)
    memcpy(s->out + s->length, bytes, count);
  s->length += count;
}

static void put_text(sink *s, const char *text) {
  put(s, text, strlen(text));
}

static int continues(const uint8_t *at, size_t index, size_t left) {
  return index < left && (at[index] & 0xC0) == 0x80;
}

/* Length of the UTF-8 sequence at `at` (RFC 3629: no surrogates, no long forms), or 0. */
static size_t sequence(const uint8_t *at, size_t left) {
  uint8_t lead = at[0];
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2 || lead > 0xF4 || !continues(at, 1, left))
    return 0;
  if (lead < 0xE0)
    return 2;
  if (!continues(at, 2, left))
    return 0;
  if (lead < 0xF0)
    return (lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F) ? 0 : 3;
  if (!continues(at, 3, left))
    return 0;
  return (lead == 0xF0 && at[1] < 0x90) || (lead == 0xF4 && at[1] > 0x8F) ? 0 : 4;
}

static void put_control(sink *s, uint8_t byte) {
  static const char digits[] = "0123456789abcdef";
  char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
  put(s, escape, sizeof escape);
}

static void put_string(sink *s, sluice_span text) {
  size_t i = 0;
  put_text(s, "\"");
  while (i < text.len) {
    uint8_t byte = text.data[i];
    size_t length = sequence(text.data + i, text.len - i);
    if (length == 0)
      put_text(s, "\xEF\xBF\xBD");
    else if (byte == '"' || byte == '\\') {
      put_text(s, "\\");
      put(s, &byte, 1);
    } else if (byte < 0x20)
      put_control(s, byte);
    else
      put(s, text.data + i, length);
    i += length == 0 ? 1 : length;
  }
  put_text(s, "\"");
}

/* `"name":"value",`, with null for what is absent. name needs no escape. */
static void put_member(sink *s, const char *name, sluice_span value) {
  put_text(s, "\"");
  put_text(s, name);
  put_text(s, "\":");
  if (value.data != NULL)
    put_string(s, value);
  else
    put_text(s, "null");
  put_text(s, ",");
}

static int same(sluice_span a, sluice_span b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int seen_before(const sluice_header *items, size_t index) {
  size_t i;
  for (i = 0; i < index; i++)
    if (same(items[i].name, items[index].name))
      return 1;
  return 0;
}

/* Values of one name stand together, as JSON objects have no repeated names. */
static void put_headers(sink *s, sluice_headers headers) {
  size_t count = headers.count < ECHO_HEADERS_MAX ? headers.count : ECHO_HEADERS_MAX;
  const char *before = "";
  size_t i, k;
  put_text(s, "\"headers\":{");
  for (i = 0; i < count; i++) {
    const char *comma = "";
    if (seen_before(headers.items, i))
      continue;
    put_text(s, before);
    put_string(s, headers.items[i].name);
    put_text(s, ":[");
    for (k = i; k < count; k++) {
      if (!same(headers.items[k].name, headers.items[i].name))
        continue;
      put_text(s, comma);
      put_string(s, headers.items[k].value);
      comma = ",";
    }
    put_text(s, "]");
    before = ",";
  }
  put_text(s, "},");
}

static const char *protocol(uint32_t version) {
  switch (version) {
  case 10:
    return "HTTP/1.0";
  case 11:
    return "HTTP/1.1";
  case 20:
    return "HTTP/2.0";
  default:
    return "HTTP";
  }
}

size_t echo_answer_write(const sluice_request *request, sluice_span body, int32_t headers,
                         uint8_t *out, size_t room) {
  sink s = {out, room, 0};
  if (body.data == NULL)
    body = sluice_text("");
  put_text(&s, "{");
  put_member(&s, "method", request->method_name);
  put_member(&s, "path", request->path);
  put_member(&s, "query", request->query);
  put_member(&s, "host", request->authority);
  put_member(&s, "proto", sluice_text(protocol(request->http_version)));
  put_member(&s, "peer", request->peer);
  put_member(&s, "route", request->route);
  if (headers)
    put_headers(&s, request->headers);
  put_text(&s, "\"body\":");
  put_string(&s, body);
  put_text(&s, "}\n");
  return s.length;
}
