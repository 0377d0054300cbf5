#include "settings.h"

#include <string.h>

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

const char echo_settings_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"maxBody\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":" TEXT(ECHO_MAX_BODY_LIMIT)
    ",\"default\":" TEXT(ECHO_MAX_BODY_DEFAULT)
    ",\"description\":\"Largest request body in bytes; 413 above.\"},"
    "\"headers\":{\"type\":\"boolean\",\"default\":true,"
    "\"description\":\"Show the request's headers.\"}}}";

/* A place in the text of the configuration. */
typedef struct cursor {
  const uint8_t *at;
  const uint8_t *end;
} cursor;

static void skip_space(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
    c->at++;
}

/* Steps over word when the text goes on with it. */
static int take(cursor *c, const char *word) {
  size_t length = strlen(word);
  skip_space(c);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
    return 0;
  c->at += length;
  return 1;
}

static sluice_status refuse(sluice_error *err, const char *pointer, const char *text) {
  return sluice_fail_at(err, SLUICE_E_INVALID, sluice_text(pointer), sluice_text(text));
}

static sluice_status read_max_body(cursor *c, echo_settings *settings, sluice_error *err) {
  const uint8_t *start;
  uint64_t value = 0;
  skip_space(c);
  for (start = c->at; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
    value = value * 10 + (uint64_t)(*c->at - '0');
    if (value > ECHO_MAX_BODY_LIMIT)
      return refuse(err, "/maxBody",
                    "expected a number of bytes from 0 to " TEXT(ECHO_MAX_BODY_LIMIT));
  }
  if (start == c->at || (c->at < c->end && memchr(".eE", *c->at, 3) != NULL))
    return refuse(err, "/maxBody", "expected a number of bytes in plain digits, such as 65536");
  settings->max_body = value;
  return SLUICE_OK;
}

static sluice_status read_headers(cursor *c, echo_settings *settings, sluice_error *err) {
  if (take(c, "true"))
    settings->headers = 1;
  else if (take(c, "false"))
    settings->headers = 0;
  else
    return refuse(err, "/headers", "expected true or false");
  return SLUICE_OK;
}

static sluice_status read_member(cursor *c, echo_settings *settings, sluice_error *err) {
  sluice_status (*read)(cursor *, echo_settings *, sluice_error *);
  if (take(c, "\"maxBody\""))
    read = read_max_body;
  else if (take(c, "\"headers\""))
    read = read_headers;
  else
    return refuse(err, "", "unknown setting; echo knows maxBody and headers");
  if (!take(c, ":"))
    return refuse(err, "", "expected ':' after the name of a setting");
  return read(c, settings, err);
}

sluice_status echo_settings_read(sluice_span json, echo_settings *settings,
                                 sluice_error *err) {
  echo_settings found = {ECHO_MAX_BODY_DEFAULT, ECHO_HEADERS_DEFAULT};
  cursor c = {json.data, json.data + json.len};
  skip_space(&c);
  if (c.at < c.end) {
    if (!take(&c, "{"))
      return refuse(err, "", "expected an object such as {\"maxBody\": 65536}");
    while (!take(&c, "}")) {
      sluice_status status = read_member(&c, &found, err);
      if (status < 0)
        return status;
      if (!take(&c, ",") && (c.at == c.end || *c.at != '}'))
        return refuse(err, "", "expected ',' or '}' after a setting");
    }
    skip_space(&c);
    if (c.at < c.end)
      return refuse(err, "", "expected the end of the configuration after '}'");
  }
  *settings = found;
  return SLUICE_OK;
}
