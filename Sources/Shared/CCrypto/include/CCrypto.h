#ifndef CCRYPTO_H
#define CCRYPTO_H

/* Digests, message authentication, random bytes and the making of certificates of OpenSSL 3's
 * libcrypto, for Swift. Nothing of its TLS: plugins get that from the host. */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* HMAC with SHA-256, ready for bytes; NULL: no memory. `key` is not NULL, even when it is empty.
 * The parameters are a list that ends with a marker, in one struct by value each. */
static inline EVP_MAC_CTX *ccrypto_hmac_sha256(const unsigned char *key, size_t length) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  EVP_MAC *kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = EVP_MAC_CTX_new(kind);
  EVP_MAC_free(kind); /* the context keeps a reference */
  if (context && !EVP_MAC_init(context, key, length, parameters)) {
    EVP_MAC_CTX_free(context);
    context = NULL;
  }
  return context;
}

/* Making certificates: key generation is variadic, extensions are set up by macros. An extension is
 * in the text form of x509v3_config(5). */
static inline EVP_PKEY *ccrypto_make_key(void) { return EVP_EC_gen("P-256"); }

static inline int ccrypto_add_extension(X509 *issuer, X509 *subject, int kind, const char *text) {
  X509V3_CTX context;
  X509_EXTENSION *extension;
  int status;
  X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
  X509V3_set_ctx_nodb(&context);
  extension = X509V3_EXT_nconf_nid(NULL, &context, kind, text);
  if (!extension) return 0;
  status = X509_add_ext(subject, extension, -1);
  X509_EXTENSION_free(extension);
  return status;
}

/* The bytes of a memory BIO; a macro. */
static inline long ccrypto_memory_bytes(BIO *bio, char **start) {
  return BIO_get_mem_data(bio, start);
}

#endif
