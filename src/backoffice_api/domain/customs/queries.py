"""What can be asked about customs and fiscal data."""

from backoffice_api.domain.customs.model.customs import Customs
from backoffice_api.domain.customs.model.profiles import FiscalProfile
from backoffice_api.domain.customs.tables import customs, fiscal_profiles
from backoffice_api.domain.kernel.rows import many_per, one_per

customs_by_variants = one_per(Customs, customs, customs.c.variant_id)
profiles_by_variants = many_per(
    FiscalProfile, fiscal_profiles, fiscal_profiles.c.variant_id, fiscal_profiles.c.country
)
