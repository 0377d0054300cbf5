#ifndef CCRYPTO_H
#define CCRYPTO_H

/* Digests, message authentication and random bytes of OpenSSL 3's libcrypto, for Swift. Nothing of
 * its TLS: plugins get that from the host. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

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

#endif
