"""Files as they are after an upload, for tests of what shows them."""

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.media.commands.files import (
    CreateMediaUpload,
    ReceiveMediaFile,
    create_upload,
    receive_file,
)
from backoffice_api.domain.media.model import MediaType
from tests.world import World


def media_file(world: World, digit: str = "a") -> str:
    """The id of a file whose hash has only this digit."""
    secret = world.run(create_upload, CreateMediaUpload(byte_size=5)).value.secret
    assert isinstance(secret, Secret)
    command = ReceiveMediaFile(
        secret=secret,
        hash=digit * 64,
        media_type=MediaType.PNG,
        byte_size=5,
        width=3,
        height=2,
    )
    return text("mfl", world.run(receive_file, command).value.file_id)
