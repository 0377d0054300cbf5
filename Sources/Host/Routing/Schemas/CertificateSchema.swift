/// `docs/schemas/certificate.json`, written here by `make schemas`.
enum CertificateSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/certificate.json","title":"Certificate","description":"A certificate with its chain \#
        and private key, for listeners to present to downstream or for pools to present upstream\#
        . A new version takes effect for new handshakes; listeners and connections stay.","type"\#
        :"object","required":["chain","key"],"properties":{"chain":{"title":"PEM text with a CER\#
        TIFICATE block","description":"PEM: the leaf certificate first, then its intermediates, \#
        RSA (2048 bits or more) or ECDSA (P-256, P-384, P-521). Text outside the PEM blocks is i\#
        gnored. No message quotes it, as a private key may stand here by mistake.","type":"strin\#
        g","minLength":64,"maxLength":262144,"pattern":"-----BEGIN CERTIFICATE-----","writeOnly"\#
        :true},"key":{"title":"PEM text with a PRIVATE KEY block, not encrypted","description":"\#
        PEM: the leaf's private key, PKCS #8, PKCS #1 (RSA) or SEC 1 (EC), not encrypted. It mus\#
        t fit the leaf. Secret: the bytes are zeroed after parsing and no listing shows them.","\#
        type":"string","minLength":64,"maxLength":65536,"pattern":"-----BEGIN (RSA |EC )?PRIVATE\#
         KEY-----","writeOnly":true}},"additionalProperties":false,"examples":[{"chain":"-----BE\#
        GIN CERTIFICATE-----\nMIIBlDCCATqgAwIBAgIUU7r9KnHAyKZQLQwjbICr2Nb5bAcwCgYIKoZIzj0EAwIw\n\#
        ETEPMA0GA1UEAwwGYS50ZXN0MB4XDTI2MTEyMTExMDUyNFoXDTQ2MTExNjExMDUy\nNFowETEPMA0GA1UEAwwGYS\#
        50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\nNP81o/Z3KMnfsnsaL6dwITplwa9fbkXogNWMQ7i4Edql\#
        2RbJdYduEEuQniSPGe5F\nrAsG+WjoRzmcHf9G6kJWJKNwMG4wHQYDVR0OBBYEFBfCFGPPiJ3lp7dHhqQQPueh\n\#
        f47LMB8GA1UdIwQYMBaAFBfCFGPPiJ3lp7dHhqQQPuehf47LMA8GA1UdEwEB/wQF\nMAMBAf8wGwYDVR0RBBQwEo\#
        IGYS50ZXN0gggqLmEudGVzdDAKBggqhkjOPQQDAgNI\nADBFAiEAtj0ZoYj7hd9qK84gU93JDcPX3nnMBxdfpwbG\#
        iT0mf3wCIAM95TmSwU/n\nakp5pYpX6kSY7zn03G/IozZ2hxlh+EyS\n-----END CERTIFICATE-----\n","ke\#
        y":"-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDowXifY\#
        igX1wri1Z\nsrpwrxO1Pf0HqyeGZCV21Zh1SlmhRANCAAQ0/zWj9ncoyd+yexovp3AhOmXBr19u\nReiA1YxDuLg\#
        R2qXZFsl1h24QS5CeJI8Z7kWsCwb5aOhHOZwd/0bqQlYk\n-----END PRIVATE KEY-----\n"}]}
        """#
}
