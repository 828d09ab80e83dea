"""Services beside the operators of the image-process product: ticked in apps and counted by ids of
their own, without a price of the vendor's."""

from dataclasses import dataclass

from xiutu import contract

__all__ = ["CUSTOM_CLASSIFICATION", "TENCENT_INPAINTING", "Service", "services", "tickable_ids"]


@dataclass(frozen=True)
class Service:
    """``id`` is what apps tick and the usage ledger counts; ``interface`` is the vendor's name."""

    id: str
    zh: str
    en: str
    interface: str


TENCENT_INPAINTING = Service(
    id="tencent_inpainting",
    zh="局部消除（腾讯云）",
    en="Removal by mask (Tencent Cloud)",
    interface="aiart ImageInpaintingRemoval 2022-12-29",
)

CUSTOM_CLASSIFICATION = Service(
    id="custom_classification",
    zh="定制图像分类（EasyDL / BML）",
    en="Custom image classification (EasyDL / BML)",
    interface="/rpc/2.0/ai_custom/v1/classification/{name}",
)


def services() -> tuple[Service, ...]:
    """Every service that is no operator."""
    return (TENCENT_INPAINTING, CUSTOM_CLASSIFICATION)


def tickable_ids() -> tuple[str, ...]:
    """Everything an app may be allowed to call: operators in the order of the contract, then services."""
    return (*contract.operator_ids(), *(service.id for service in services()))
