"""Makes the OCSP responses beside this file, with python cryptography; run by hand, never by tests.

All are about the certificate with serial number 1 (but `other`), as of 2026-11-24.
"""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuing CA")])


def certificate(serial):
    return (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2027, 1, 1))
        .sign(KEY, hashes.SHA256())
    )


def response(status, this_update, next_update, serial=1, revoked=None, by_key=False):
    encoding = ocsp.OCSPResponderEncoding.HASH if by_key else ocsp.OCSPResponderEncoding.NAME
    own = certificate(serial)
    return (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=own,
            issuer=own,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=this_update,
            next_update=next_update,
            revocation_time=revoked,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(encoding, own)
        .sign(KEY, hashes.SHA256())
    )


DAY = lambda day: datetime(2026, 11, day)
GOOD, REVOKED, UNKNOWN = (
    ocsp.OCSPCertStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN,
)
RESPONSES = {
    "good": response(GOOD, DAY(20), DAY(27)),
    "good-by-key": response(GOOD, DAY(20), DAY(27), by_key=True),
    "good-without-next": response(GOOD, DAY(20), None),
    "stale": response(GOOD, DAY(16), DAY(23)),
    "early": response(GOOD, DAY(25), DAY(30)),
    "revoked": response(REVOKED, DAY(20), DAY(27), revoked=DAY(10)),
    "unknown": response(UNKNOWN, DAY(20), DAY(27)),
    "other": response(GOOD, DAY(20), DAY(27), serial=2),
    "try-later": ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER),
}

if __name__ == "__main__":
    from cryptography.hazmat.primitives.serialization import Encoding

    for name, made in RESPONSES.items():
        Path(__file__).with_name(f"{name}.der").write_bytes(made.public_bytes(Encoding.DER))
