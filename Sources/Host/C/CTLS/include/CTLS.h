#ifndef CTLS_H
#define CTLS_H

/* OpenSSL 3 for Swift. What stands below the includes is a macro there, which Swift does not
 * import, or a function of a STACK_OF, which is a macro too. */
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

/* Context. */

static inline int ctls_set_min_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int ctls_set_max_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline int ctls_set_groups(SSL_CTX *context, const char *names) {
  return (int)SSL_CTX_set1_groups_list(context, names);
}

static inline void ctls_set_modes(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
}

static inline void ctls_set_no_session_cache(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void ctls_set_session_cache(SSL_CTX *context, long sessions) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context, sessions);
}

static inline int ctls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int ctls_set_verify_store(SSL_CTX *context, X509_STORE *store) {
  return (int)SSL_CTX_set1_verify_cert_store(context, store);
}

static inline uint64_t ctls_base_options(void) {
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
}
static inline uint64_t ctls_server_preference(void) {
  return SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
}
static inline uint64_t ctls_no_ticket(void) { return SSL_OP_NO_TICKET; }

static inline void ctls_set_peer_chain_max(SSL_CTX *context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}

/* The context owns a copy of the names. */
static inline void ctls_set_client_names(SSL_CTX *context, const STACK_OF(X509_NAME) *names) {
  SSL_CTX_set_client_CA_list(context, SSL_dup_CA_list(names));
}

static inline int ctls_context_index(CRYPTO_EX_free *release) {
  return SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, release);
}

static inline void ctls_set_ticket_callback(
    SSL_CTX *context, int (*callback)(SSL *, unsigned char *, unsigned char *, EVP_CIPHER_CTX *,
                                      EVP_MAC_CTX *, int)) {
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, callback);
}

static inline int ctls_start_mac(EVP_MAC_CTX *mac, unsigned char *key, size_t length) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, length),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(mac, parameters);
}

static inline void *ctls_allocate(size_t length) { return OPENSSL_malloc(length); }

static inline int64_t ctls_seconds(void) { return (int64_t)time(NULL); }

static int ctls_accept_name(SSL *ssl, int *alert, void *argument) {
  (void)ssl, (void)alert, (void)argument;
  return SSL_TLSEXT_ERR_OK;
}

static inline void ctls_accept_names(SSL_CTX *context) {
  SSL_CTX_set_tlsext_servername_callback(context, ctls_accept_name);
}

static inline void ctls_set_status_callback(SSL_CTX *context, int (*callback)(SSL *, void *)) {
  SSL_CTX_set_tlsext_status_cb(context, callback);
}

static inline int ctls_set_status(SSL *ssl, unsigned char *response, long length) {
  return (int)SSL_set_tlsext_status_ocsp_resp(ssl, response, length);
}

static inline void ctls_set_message_argument(SSL *ssl, void *argument) {
  SSL_set_msg_callback_arg(ssl, argument);
}

static inline int ctls_set_server_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

/* Cipher suites. */

static inline int ctls_ciphers_count(const STACK_OF(SSL_CIPHER) *stack) {
  return sk_SSL_CIPHER_num(stack);
}
static inline const SSL_CIPHER *ctls_ciphers_at(const STACK_OF(SSL_CIPHER) *stack, int index) {
  return sk_SSL_CIPHER_value(stack, index);
}

/* Own BIO. */

static inline void ctls_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void ctls_set_retry_write(BIO *bio) { BIO_set_retry_write(bio); }
static inline void ctls_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

/* Stacks. */

static inline STACK_OF(X509) *ctls_certificates_new(void) { return sk_X509_new_null(); }
static inline int ctls_certificates_push(STACK_OF(X509) *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate);
}
static inline void ctls_certificates_free(STACK_OF(X509) *stack) {
  sk_X509_pop_free(stack, X509_free);
}

static inline STACK_OF(X509_NAME) *ctls_names_new(void) { return sk_X509_NAME_new_null(); }
static inline int ctls_names_push(STACK_OF(X509_NAME) *stack, X509_NAME *name) {
  return sk_X509_NAME_push(stack, name);
}
static inline void ctls_names_free(STACK_OF(X509_NAME) *stack) {
  sk_X509_NAME_pop_free(stack, X509_NAME_free);
}

static inline int ctls_general_names_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}
static inline GENERAL_NAME *ctls_general_name_at(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}
static inline GENERAL_NAMES *ctls_general_names_new(void) { return sk_GENERAL_NAME_new_null(); }
/* Takes the value over. */
static inline void ctls_general_names_add(GENERAL_NAMES *names, int kind, ASN1_STRING *value) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, kind, value);
  sk_GENERAL_NAME_push(names, name);
}
static inline void ctls_general_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

static inline GENERAL_NAMES *ctls_alternative_names(const X509 *certificate) {
  return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline int ctls_type_dns(void) { return GEN_DNS; }
static inline int ctls_type_uri(void) { return GEN_URI; }
static inline int ctls_type_email(void) { return GEN_EMAIL; }

/* The bytes of a name of the type GEN_DNS, GEN_URI or GEN_EMAIL; -1 when it has another type. */
static inline int ctls_general_name_bytes(const GENERAL_NAME *name, int type,
                                          const unsigned char **bytes) {
  if (name->type != type) return -1;
  *bytes = ASN1_STRING_get0_data(name->d.ia5);
  return ASN1_STRING_length(name->d.ia5);
}

/* Stores: adds the certificates of another, which workers may be searching. */

static inline void ctls_store_add_all(X509_STORE *store, X509_STORE *source) {
  X509_STORE_lock(source);
  STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(source);
  for (int place = 0; place < sk_X509_OBJECT_num(objects); place++) {
    X509 *certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, place));
    if (certificate) X509_STORE_add_cert(store, certificate);
  }
  X509_STORE_unlock(source);
}

/* Names as RFC 2253 writes them; control characters and all but ASCII are escaped. */

static inline void ctls_print_name(BIO *bio, const X509_NAME *name) {
  X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
}

/* Making certificates; key generation is variadic. An extension is in the text form of
 * x509v3_config(5). */

static inline EVP_PKEY *ctls_make_ec_key(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *ctls_make_rsa_key(size_t bits) { return EVP_RSA_gen(bits); }

static inline int ctls_add_extension(X509 *issuer, X509 *subject, int kind, const char *text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, kind, text);
  if (!extension) return 0;
  int status = X509_add_ext(subject, extension, -1);
  X509_EXTENSION_free(extension);
  return status;
}

/* Memory BIOs for PEM. */

static inline long ctls_memory_bytes(BIO *bio, char **start) {
  return BIO_get_mem_data(bio, start);
}

#endif
