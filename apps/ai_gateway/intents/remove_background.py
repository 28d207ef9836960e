"""The subject alone, on nothing."""

from apps.ai_gateway.declarations import Intent, Sign

INTENT = Intent(
    name="remove_background",
    does=("remove the background", "tách nền ảnh"),
    done=("The background is gone.", "Đã tách nền xong."),
    examples=(
        "remove the background",
        "make the background transparent",
        "cut out the subject",
        "tách nền ảnh này",
        "xoá phông nền giúp tôi",
        "tach nen anh nay",
    ),
    signs=(
        Sign("remove_background", weight=2),
        Sign("remove separate cut crop make create wish", on="background", has="no_background", weight=1),
        Sign("remove separate cut crop", on="background", weight=1.4),
        Sign("separate cut crop", on="subject", weight=0.9),
        Sign("separate cut remove crop wish", has="from_background", weight=1.8),
        Sign("-", has="from_background", weight=1.4),
        Sign(has="no_background", lacks="visual", weight=1.4),
        Sign("make turn replace wish create remove", has="no_background", weight=1.4),
        Sign(
            "make turn replace add create wish",
            has="transparent",
            on="picture background none depiction",
            weight=1,
        ),
        Sign("-", has="transparent", on="background picture none", weight=1),
        Sign("replace make turn create", on="background", has="transparent", weight=1.4),
        Sign("keep", on="subject object thing", weight=1.2),
        Sign("remove separate cut", has="keep_only", weight=2.2),
        Sign("wish make create", has="verb:separate subject", weight=1.2),
        Sign("separate cut crop", on="picture none", has="out_of_picture", weight=1.4),
    ),
    operation="background_removal.remove",
)
