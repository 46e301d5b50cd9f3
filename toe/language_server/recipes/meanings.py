"""What the fields of recipes and of toe-images.yml are, and what `toe` makes of them: a sentence or two for each.

Their kinds, limits and words are not repeated here: they come from the service's model. That a field has no meaning
here is said by the rules of `toe validate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Paths of fields, with dots and without the items of lists, behind `KIND:` where kinds differ -> what they mean.
_FIELDS: Mapping[str, str] = {
    "name": "Its name.",
    "imageRecipe:name": "The name of the recipe. The disk is called `NAME-VERSION-BUILD`.",
    "containerRecipe:name": "The name of the recipe, and of the image where no `targetRepository` gives one.",
    "component:name": "The name of the component, by which recipes mean it.",
    "description": "What it is for, in people's words.",
    "changeDescription": "What is different in this version, in people's words. Nothing follows from it.",
    "semanticVersion": "Three numbers, `major.minor.patch`. In a recipe `x` takes the next free number: `1.0.x`. The "
    "build number is given to it, and rises.",
    "components": "What is installed and tested, in this order: at most 20. The phases `build` and `validate` of each "
    "run while the image is made, `test` in a new container or machine of it.",
    "components.componentArn": "Which component: its ARN, `name/version`, or a path relative to the recipe. `1.x.x` "
    "and `x.x.x` take the newest. It is looked for in toe-images.yml, in this file, and in the folder `components` "
    "beside it.",
    "components.parameters": "Values for parameters of the component's document.",
    "components.parameters.name": "A parameter that the component's document declares.",
    "components.parameters.value": "Its value, as a list of one text; more than one for a `stringList`.",
    "parentImage": "The base. An image of the engine or of a registry for containers, a path to a disk, a folder or "
    "an archive for machines. What only AWS has (an AMI, an ARN) gets a local image in toe-images.yml, under "
    "`images`.",
    "blockDeviceMappings": "The disks. The root device makes the image's disk larger.",
    "blockDeviceMappings.deviceName": "The device. `/dev/xvda`, `/dev/sda1`, `/dev/sda` or the only one is the root "
    "device.",
    "blockDeviceMappings.ebs": "The volume behind the device: here the size alone counts.",
    "blockDeviceMappings.ebs.volumeSize": "The size in GiB. The file system of the root device grows with it.",
    "tags": "Tags. Those of a recipe stand in the image's record, where lifecycle policies find them.",
    "workingDirectory": "Where the components run; `/tmp` where nothing is said.",
    "additionalInstanceConfiguration": "More of the machine that builds.",
    "additionalInstanceConfiguration.systemsManagerAgent": "The agent of Systems Manager on the machine that builds.",
    "additionalInstanceConfiguration.systemsManagerAgent.uninstallAfterBuild": "Whether the agent is removed from the "
    "image in the end.",
    "additionalInstanceConfiguration.userDataOverride": "A script for the machine's first start, in Base64.",
    "containerType": "The kind of container: DOCKER, which every engine makes.",
    "dockerfileTemplateData": "The Dockerfile. `{{{ imagebuilder:parentImage }}}` is the base, `{{{ "
    "imagebuilder:environments }}}` prepares the components, `{{{ imagebuilder:components }}}` is where they run.",
    "dockerfileTemplateUri": "Where the Dockerfile is kept: S3, or a path relative to the recipe.",
    "platformOverride": "The system of the base. Containers are built for Linux alone.",
    "targetRepository": "Where the image belongs. Its name is that of the image.",
    "targetRepository.service": "The kind of registry: ECR.",
    "targetRepository.repositoryName": "The name of the image.",
    "component:platform": "The system on which the component runs.",
    "supportedOsVersions": "Versions of the system on which it runs. Nothing follows from it here.",
    "component:data": "The component's document. It is checked where it stands.",
    "component:uri": "Where the component's document is kept: S3, or a path relative to this file.",
    "imageRecipeArn": "The image recipe: its ARN, or a reference to the resource of this file.",
    "containerRecipeArn": "The container recipe: its ARN, or a reference to the resource of this file.",
    "infrastructureConfigurationArn": "How it is built: failures that are kept, logs, who is told.",
    "distributionConfigurationArn": "Where the image goes once its tests have passed.",
    "imageTestsConfiguration": "Whether and how long the image is tested.",
    "imageTestsConfiguration.imageTestsEnabled": "Whether the `test` phases run; they do where nothing is said.",
    "imageTestsConfiguration.timeoutMinutes": "How many minutes the tests have.",
    "schedule": "When it runs by itself: `toe pipeline install` makes a timer of systemd of it.",
    "schedule.scheduleExpression": "`cron(minutes hours day-of-month month day-of-week year)`, or `rate(7 days)`.",
    "schedule.timezone": "The time zone of the expression; UTC where nothing is said.",
    "schedule.pipelineExecutionStartCondition": "Whether a run on time builds in any case, or only when the base or a "
    "component has become newer.",
    "schedule.autoDisablePolicy": "When runs on time stop.",
    "schedule.autoDisablePolicy.failureCount": "After so many failures in a row, until a run by hand succeeds.",
    "status": "Whether it is enabled. A run by hand goes on in any case.",
    "imageTags": "Tags of the images that it makes: they stand in their records.",
    "imageScanningConfiguration": "Whether an image is looked at for known faults in its software.",
    "logging": "Where logs go.",
    "logging.s3Logs": "A bucket that gets copies of the logs.",
    "logging.s3Logs.s3BucketName": "The bucket.",
    "logging.s3Logs.s3KeyPrefix": "What the keys of the logs begin with.",
    "terminateInstanceOnFailure": "`false` keeps the container or the disk of what failed, and shows a command that "
    "enters it.",
    "snsTopicArn": "A topic of SNS that is told of each image.",
    "distributions": "Where an image goes, by region. What a region stands for says toe-images.yml.",
    "distributions.region": "The region: `registries` and `disks` in toe-images.yml say what is meant by it.",
    "distributions.amiDistributionConfiguration": "The disk of an image recipe goes to the place of the region.",
    "distributions.amiDistributionConfiguration.name": "The name of the disk's file. It may hold `{{ "
    "imagebuilder:buildDate }}`.",
    "distributions.amiDistributionConfiguration.targetAccountIds": "Accounts whose places get the disk as well.",
    "distributions.amiDistributionConfiguration.amiTags": "Tags of the AMI: there is none here.",
    "distributions.amiDistributionConfiguration.kmsKeyId": "The key of the AMI: there is none here.",
    "distributions.amiDistributionConfiguration.launchPermission": "Who may start it: kept as a list, with the "
    "targets.",
    "distributions.containerDistributionConfiguration": "The image of a container recipe goes to the region's "
    "registry.",
    "distributions.containerDistributionConfiguration.containerTags": "The tags there; `VERSION-BUILD` and `latest` "
    "where nothing is said. They may hold `{{ imagebuilder:buildDate }}`.",
    "distributions.containerDistributionConfiguration.targetRepository": "The repository in the registry.",
    "distributions.containerDistributionConfiguration.targetRepository.repositoryName": "Its name in the registry.",
    "distributions.s3ExportConfiguration": "The disk is converted and sent to a bucket.",
    "distributions.s3ExportConfiguration.diskImageFormat": "The format that it is converted to.",
    "distributions.s3ExportConfiguration.s3Bucket": "The bucket.",
    "distributions.s3ExportConfiguration.s3Prefix": "What its key begins with.",
    "distributions.ssmParameterConfigurations": "Parameters of Systems Manager that get the address of the image.",
    "distributions.ssmParameterConfigurations.parameterName": "The name of the parameter.",
    "resourceType": "AMI_IMAGE means the images of image recipes, CONTAINER_IMAGE those of container recipes.",
    "policyDetails": "What is removed, and when: `toe images prune --policy` carries it out.",
    "policyDetails.action": "What is done.",
    "policyDetails.action.type": "DELETE removes; DEPRECATE and DISABLE are for AMIs and do nothing here.",
    "policyDetails.action.includeResources": "What goes with the record.",
    "policyDetails.action.includeResources.containers": "Whether the image itself goes; else its record alone.",
    "policyDetails.action.includeResources.amis": "Whether the image itself goes; else its record alone.",
    "policyDetails.filter": "Which images: by their age or their number.",
    "policyDetails.filter.type": "AGE or COUNT, of each recipe for itself.",
    "policyDetails.filter.value": "The age, in `unit`, or how many stay.",
    "policyDetails.filter.unit": "The unit of an age: a month is 30 days, a year 365.",
    "policyDetails.filter.retainAtLeast": "So many of the newest stay whatever their age.",
    "policyDetails.exclusionRules": "Which images stay in any case.",
    "policyDetails.exclusionRules.tagMap": "Images with one of these tags stay.",
    "resourceSelection": "Whose images are meant.",
    "resourceSelection.recipes": "Recipes, by name and version.",
    "resourceSelection.tagMap": "Images with these tags.",
}
SIDE_FIELDS: Mapping[str, str] = {
    "components": "What a recipe names (an ARN, `name/version`, a name; `*` stands for any characters) -> the file of "
    "its document, relative to this file.",
    "images": "The base that a recipe names (`*` stands for any characters) -> a local image, or the path of a disk.",
    "engine": "What builds containers; the first that is there where nothing is said.",
    "isolation": "How containers are kept apart.",
    "cache": "How long layers are taken from the cache.",
    "cache.max_age": "The age from which on a layer is made anew, such as `12h` or `7d`.",
    "registries": "A region, an account or `'*'` -> the registry to which containers go.",
    "disks": "A region, an account or `'*'` -> the folder, `s3://bucket/prefix` or `oci://registry/path` to which "
    "disks go.",
    "notices": "Who is told that an image is available, or has failed: a list of topics, web addresses and commands.",
    "notices.sns": "The ARN of a topic of SNS.",
    "notices.webhook": "An address of the web, which gets a signed request.",
    "notices.command": "A program and its arguments, as a list; it gets the event on standard input.",
    "notices.secret_file": "The file with the secret that signs a webhook's requests.",
    "notices.secret_env": "The variable with the secret that signs a webhook's requests.",
    "scan": "What is asked of a scanner before an image is distributed.",
    "scan.fail_on_severity": "The severity of a finding from which on the image goes nowhere, such as `HIGH`.",
}


def meaning(kind: str, fields: Sequence[str]) -> str:
    """What a field of a resource means, "" where the service's model says all there is to say."""
    path = ".".join(fields)
    return _FIELDS.get(f"{kind}:{path}") or _FIELDS.get(path, "")
