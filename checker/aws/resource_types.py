"""List the resource types whose data events CloudTrail can record.

Types: the "Data events" table of the AWS CloudTrail user guide, as of November 2026.
ARN formats: the same guide and the API reference of AdvancedFieldSelector; a type
without one here has an ARN whose shape those pages do not print.  AWS adds types: an
unknown type is a reason for a warning, never for a refusal.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Mapping

BASIC_TYPES = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::Lambda::Function",
        "AWS::S3::Object",
    }
)
"""Types that basic event selectors can name; every other needs advanced ones."""

ARN_FORMATS: Mapping[str, str] = {
    "AWS::AppConfig::Configuration": (
        "arn:{partition}:appconfig:{region}:{account}:application/<application_ID"
        ">/environment/<environment_ID>/configuration/<configuration_profile_ID>"
    ),
    "AWS::B2BI::Transformer": (
        "arn:{partition}:b2bi:{region}:{account}:transformer/<transformer_ID>"
    ),
    "AWS::Bedrock::AgentAlias": (
        "arn:{partition}:bedrock:{region}:{account}:agent-alias/<agent_ID>/<alias_ID>"
    ),
    "AWS::Bedrock::KnowledgeBase": (
        "arn:{partition}:bedrock:{region}:{account}:knowledge-base/<knowledge_base_ID>"
    ),
    "AWS::Cassandra::Table": (
        "arn:{partition}:cassandra:{region}:{account}:/keyspace/<keyspace_name>/t"
        "able/<table_name>"
    ),
    "AWS::CloudFront::KeyValueStore": (
        "arn:{partition}:cloudfront:{region}:{account}:key-value-store/<KVS_name>"
    ),
    "AWS::CloudTrail::Channel": (
        "arn:{partition}:cloudtrail:{region}:{account}:channel/<channel_UUID>"
    ),
    "AWS::CodeWhisperer::Customization": (
        "arn:{partition}:codewhisperer:{region}:{account}:customization/<customiz"
        "ation_ID>"
    ),
    "AWS::CodeWhisperer::Profile": (
        "arn:{partition}:codewhisperer:{region}:{account}:profile/<profile_ID>"
    ),
    "AWS::Cognito::IdentityPool": (
        "arn:{partition}:cognito-identity:{region}:{account}:identitypool/<identi"
        "ty_pool_ID>"
    ),
    "AWS::DynamoDB::Stream": (
        "arn:{partition}:dynamodb:{region}:{account}:table/<table_name>/stream/<d"
        "ate_time>"
    ),
    "AWS::DynamoDB::Table": (
        "arn:{partition}:dynamodb:{region}:{account}:table/<table_name>"
    ),
    "AWS::EC2::Snapshot": "arn:{partition}:ec2:{region}::snapshot/<snapshot_ID>",
    "AWS::EMRWAL::Workspace": (
        "arn:{partition}:emrwal:{region}:{account}:workspace/<workspace_name>"
    ),
    "AWS::FinSpace::Environment": (
        "arn:{partition}:finspace:{region}:{account}:environment/<environment_ID>"
    ),
    "AWS::Glue::Table": (
        "arn:{partition}:glue:{region}:{account}:table/<database_name>/<table_name>"
    ),
    "AWS::GreengrassV2::ComponentVersion": (
        "arn:{partition}:greengrass:{region}:{account}:components/<component_name>"
    ),
    "AWS::GreengrassV2::Deployment": (
        "arn:{partition}:greengrass:{region}:{account}:deployments/<deployment_ID>"
    ),
    "AWS::GuardDuty::Detector": (
        "arn:{partition}:guardduty:{region}:{account}:detector/<detector_ID>"
    ),
    "AWS::IoT::Certificate": (
        "arn:{partition}:iot:{region}:{account}:cert/<certificate_ID>"
    ),
    "AWS::IoT::Thing": "arn:{partition}:iot:{region}:{account}:thing/<thing_ID>",
    "AWS::IoTSiteWise::Asset": (
        "arn:{partition}:iotsitewise:{region}:{account}:asset/<asset_ID>"
    ),
    "AWS::IoTSiteWise::TimeSeries": (
        "arn:{partition}:iotsitewise:{region}:{account}:timeseries/<timeseries_ID>"
    ),
    "AWS::IoTTwinMaker::Entity": (
        "arn:{partition}:iottwinmaker:{region}:{account}:workspace/<workspace_ID>"
        "/entity/<entity_ID>"
    ),
    "AWS::IoTTwinMaker::Workspace": (
        "arn:{partition}:iottwinmaker:{region}:{account}:workspace/<workspace_ID>"
    ),
    "AWS::KendraRanking::ExecutionPlan": (
        "arn:{partition}:kendra-ranking:{region}:{account}:rescore-execution-plan"
        "/<rescore_execution_plan_ID>"
    ),
    "AWS::KinesisVideo::Stream": (
        "arn:{partition}:kinesisvideo:{region}:{account}:stream/<stream_name>/<cr"
        "eation_time>"
    ),
    "AWS::Lambda::Function": (
        "arn:{partition}:lambda:{region}:{account}:function:<function_name>"
    ),
    "AWS::ManagedBlockchain::Network": (
        "arn:{partition}:managedblockchain:::networks/<network_name>"
    ),
    "AWS::ManagedBlockchain::Node": (
        "arn:{partition}:managedblockchain:{region}:{account}:nodes/<node_ID>"
    ),
    "AWS::MedicalImaging::Datastore": (
        "arn:{partition}:medical-imaging:{region}:{account}:datastore/<data_store_ID>"
    ),
    "AWS::NeptuneGraph::Graph": (
        "arn:{partition}:neptune-graph:{region}:{account}:graph/<graph_ID>"
    ),
    "AWS::PCAConnectorAD::Connector": (
        "arn:{partition}:pca-connector-ad:{region}:{account}:connector/<connector_ID>"
    ),
    "AWS::QBusiness::Application": (
        "arn:{partition}:qbusiness:{region}:{account}:application/<application_ID>"
    ),
    "AWS::QBusiness::DataSource": (
        "arn:{partition}:qbusiness:{region}:{account}:application/<application_ID"
        ">/index/<index_ID>/data-source/<datasource_ID>"
    ),
    "AWS::QBusiness::Index": (
        "arn:{partition}:qbusiness:{region}:{account}:application/<application_ID"
        ">/index/<index_ID>"
    ),
    "AWS::QBusiness::WebExperience": (
        "arn:{partition}:qbusiness:{region}:{account}:application/<application_ID"
        ">/web-experience/<web_experience_ID>"
    ),
    "AWS::RDS::DBCluster": (
        "arn:{partition}:rds:{region}:{account}:cluster/<cluster_name>"
    ),
    "AWS::S3::AccessPoint": (
        "arn:{partition}:s3:{region}:{account}:accesspoint/<access_point_name>"
    ),
    "AWS::S3::Object": "arn:{partition}:s3:::<bucket_name>/<object_path>",
    "AWS::S3ObjectLambda::AccessPoint": (
        "arn:{partition}:s3-object-lambda:{region}:{account}:accesspoint/<access_"
        "point_name>"
    ),
    "AWS::S3Outposts::Object": (
        "arn:{partition}:s3-outposts:{region}:{account}:<object_path>"
    ),
    "AWS::SageMaker::Endpoint": (
        "arn:{partition}:sagemaker:{region}:{account}:endpoint/<endpoint_name>"
    ),
    "AWS::SageMaker::ExperimentTrialComponent": (
        "arn:{partition}:sagemaker:{region}:{account}:experiment-trial-component/"
        "<experiment_trial_component_name>"
    ),
    "AWS::SageMaker::FeatureGroup": (
        "arn:{partition}:sagemaker:{region}:{account}:feature-group/<feature_grou"
        "p_name>"
    ),
    "AWS::SCN::Instance": (
        "arn:{partition}:scn:{region}:{account}:instance/<instance_ID>"
    ),
    "AWS::ServiceDiscovery::Namespace": (
        "arn:{partition}:servicediscovery:{region}:{account}:namespace/<namespace_ID>"
    ),
    "AWS::ServiceDiscovery::Service": (
        "arn:{partition}:servicediscovery:{region}:{account}:service/<service_ID>"
    ),
    "AWS::SNS::PlatformEndpoint": (
        "arn:{partition}:sns:{region}:{account}:endpoint/<endpoint_type>/<endpoin"
        "t_name>/<endpoint_ID>"
    ),
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:<topic_name>",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:<queue_name>",
    "AWS::SSM::ManagedNode": (
        "arn:{partition}:ssm:{region}:{account}:managed-instance/<instance_ID>"
    ),
    "AWS::SSMMessages::ControlChannel": (
        "arn:{partition}:ssmmessages:{region}:{account}:control-channel/<channel_ID>"
    ),
    "AWS::SWF::Domain": "arn:{partition}:swf:{region}:{account}:domain/<domain_name>",
    "AWS::ThinClient::Device": (
        "arn:{partition}:thinclient:{region}:{account}:device/<device_ID>"
    ),
    "AWS::ThinClient::Environment": (
        "arn:{partition}:thinclient:{region}:{account}:environment/<environment_ID>"
    ),
    "AWS::Timestream::Database": (
        "arn:{partition}:timestream:{region}:{account}:database/<database_name>"
    ),
    "AWS::Timestream::Table": (
        "arn:{partition}:timestream:{region}:{account}:database/<database_name>/t"
        "able/<table_name>"
    ),
    "AWS::VerifiedPermissions::PolicyStore": (
        "arn:{partition}:verifiedpermissions:{region}:{account}:policy-store/<pol"
        "icy_store_UUID>"
    ),
}
"""ARN format by type: `{partition}`, `{region}` and `{account}` are to be filled in,
`<…>` is any text."""

_TYPES = """
    AWS::AgentAccessMCP::Tools AWS::AgentRegistry::Registry AWS::AIDevOps::AgentSpace
    AWS::AIDevOps::Association AWS::AIDevOps::OperatorAppTeam
    AWS::AIDevOps::PipelineMetadata AWS::AIDevOps::Service
    AWS::AIOps::InvestigationGroup AWS::AOSS::Collection AWS::AppConfig::Configuration
    AWS::ApplicationSignals::InstrumentationConfig AWS::AppSync::GraphQLApi
    AWS::AWSExternalAnthropic::Workspace AWS::B2BI::Transformer
    AWS::Backup::BackupAccessPoint AWS::Backup::SearchJob
    AWS::Bedrock::AdvancedOptimizePromptJob AWS::Bedrock::AgentAlias
    AWS::Bedrock::AsyncInvoke AWS::Bedrock::AutomatedReasoningPolicy
    AWS::Bedrock::AutomatedReasoningPolicyVersion AWS::Bedrock::Blueprint
    AWS::Bedrock::DataAutomationInvocation AWS::Bedrock::DataAutomationProfile
    AWS::Bedrock::DataAutomationProject AWS::Bedrock::FlowAlias
    AWS::Bedrock::FlowExecution AWS::Bedrock::Guardrail AWS::Bedrock::InlineAgent
    AWS::Bedrock::KnowledgeBase AWS::Bedrock::Model AWS::Bedrock::PromptVersion
    AWS::Bedrock::Session AWS::Bedrock::Tool AWS::BedrockAgentCore::ABTest
    AWS::BedrockAgentCore::APIKeyCredentialProvider AWS::BedrockAgentCore::BatchEvaluate
    AWS::BedrockAgentCore::Browser AWS::BedrockAgentCore::BrowserCustom
    AWS::BedrockAgentCore::BrowserProfile AWS::BedrockAgentCore::CapacityProvider
    AWS::BedrockAgentCore::CodeInterpreter AWS::BedrockAgentCore::CodeInterpreterCustom
    AWS::BedrockAgentCore::Evaluator AWS::BedrockAgentCore::Gateway
    AWS::BedrockAgentCore::Memory AWS::BedrockAgentCore::OAuth2CredentialProvider
    AWS::BedrockAgentCore::Payments AWS::BedrockAgentCore::Policy
    AWS::BedrockAgentCore::PolicyEngine AWS::BedrockAgentCore::Recommendation
    AWS::BedrockAgentCore::Registry AWS::BedrockAgentCore::Runtime
    AWS::BedrockAgentCore::RuntimeEndpoint AWS::BedrockAgentCore::TokenVault
    AWS::BedrockAgentCore::WorkloadIdentity
    AWS::BedrockAgentCore::WorkloadIdentityDirectory AWS::BedrockMantle::Project
    AWS::BedrockWebSearch::Tool AWS::Cassandra::Stream AWS::Cassandra::Table
    AWS::CertificateManager::AcmeEndpoint AWS::ClinicalTrialsTech::Codelist
    AWS::ClinicalTrialsTech::Dataset AWS::ClinicalTrialsTech::Execution
    AWS::ClinicalTrialsTech::Instance AWS::ClinicalTrialsTech::Mapping
    AWS::ClinicalTrialsTech::Schedule AWS::ClinicalTrialsTech::Study
    AWS::CloudFront::KeyValueStore AWS::CloudOptimization::Profile
    AWS::CloudOptimization::Recommendation AWS::CloudTrail::Channel
    AWS::CloudWatch::Dataset AWS::CloudWatch::IngestionEndpoint AWS::CloudWatch::Metric
    AWS::CodeGuruProfiler::ProfilingGroup AWS::CodeWhisperer::Customization
    AWS::CodeWhisperer::Profile AWS::Cognito::IdentityPool AWS::DataExchange::Asset
    AWS::Deadline::Fleet AWS::Deadline::Job AWS::Deadline::Queue AWS::Deadline::Worker
    AWS::DiodeAlerting::LinkedAlert AWS::DSQL::Cluster AWS::DynamoDB::Stream
    AWS::DynamoDB::Table AWS::EC2::InstanceConnectEndpoint AWS::EC2::Snapshot
    AWS::ECS::ContainerInstance AWS::EKS::Dashboard AWS::EMRWAL::Workspace
    AWS::Events::Endpoint AWS::Events::EventBus AWS::Events::EventSource
    AWS::Events::Rule AWS::FinSpace::Environment AWS::FSx::Volume
    AWS::GameLiftStreams::Application AWS::GameLiftStreams::StreamGroup
    AWS::GeoMaps::Provider AWS::GeoPlaces::Provider AWS::GeoRoutes::Provider
    AWS::Glue::Table AWS::GreengrassV2::ComponentVersion AWS::GreengrassV2::Deployment
    AWS::GuardDuty::Detector AWS::GuardDuty::MalwareScan AWS::HealthAgent::Domain
    AWS::HealthAgent::Integration AWS::HealthAgent::PatientInsightsJob
    AWS::HealthAgent::Session AWS::HealthAgent::Subscription
    AWS::HealthLake::DataTransformationProfile AWS::IoT::Certificate AWS::IoT::Thing
    AWS::IoT::Tunnel AWS::IoTSiteWise::Asset AWS::IoTSiteWise::Dataset
    AWS::IoTSiteWise::Pipeline AWS::IoTSiteWise::TimeSeries AWS::IoTSiteWise::Workspace
    AWS::IoTTwinMaker::Entity AWS::IoTTwinMaker::Workspace
    AWS::KendraRanking::ExecutionPlan AWS::Kinesis::Stream AWS::Kinesis::StreamConsumer
    AWS::KinesisFirehose::DeliveryStream AWS::KinesisVideo::SignalingChannel
    AWS::KinesisVideo::Stream AWS::Lambda::Function AWS::Lambda::MicrovmImage
    AWS::Lex::Bot AWS::Lex::BotAlias AWS::Logs::LogGroupAuthorization
    AWS::Logs::ScheduledQuery AWS::MachineLearning::MlModel
    AWS::ManagedBlockchain::Network AWS::ManagedBlockchain::Node
    AWS::ManagedBlockchainQuery::QueryAPI AWS::MedicalImaging::Datastore
    AWS::MedicalImaging::Imageset AWS::MWAA::Environment AWS::NeptuneGraph::Graph
    AWS::NetworkFlowMonitor::Monitor AWS::NetworkFlowMonitor::Scope
    AWS::NovaAct::WorkflowDefinition AWS::NovaAct::WorkflowRun AWS::One::UKey
    AWS::One::User AWS::PaymentCryptography::Alias AWS::PaymentCryptography::Key
    AWS::PCAConnectorAD::Connector AWS::PCAConnectorSCEP::Connector AWS::Pinpoint::App
    AWS::QApps::QApp AWS::QApps::QAppSession AWS::QBusiness::Application
    AWS::QBusiness::DataSource AWS::QBusiness::Index AWS::QBusiness::Integration
    AWS::QBusiness::WebExperience AWS::QDeveloper::Integration
    AWS::Quicksight::ActionConnector AWS::QuickSight::App AWS::QuickSight::Automation
    AWS::QuickSight::AutomationJob AWS::QuickSight::Extension
    AWS::QuickSight::ExtensionAccess AWS::QuickSight::Flow AWS::QuickSight::FlowSession
    AWS::QuickSight::Page AWS::QuickSight::Task AWS::RDS::DBCluster
    AWS::Redshift::Cluster AWS::ResourceExplorer2::ManagedView
    AWS::ResourceExplorer2::View AWS::RUM::AppMonitor AWS::S3::AccessPoint
    AWS::S3::Object AWS::S3Express::AccessPoint AWS::S3Express::Object
    AWS::S3ObjectLambda::AccessPoint AWS::S3Outposts::Object AWS::S3Tables::Table
    AWS::S3Tables::TableBucket AWS::S3Vectors::Index AWS::S3Vectors::VectorBucket
    AWS::SageMaker::Endpoint AWS::SageMaker::ExperimentTrialComponent
    AWS::SageMaker::FeatureGroup AWS::SageMaker::Hub AWS::SageMaker::Job
    AWS::SageMaker::MlflowApp AWS::SageMaker::MlflowTrackingServer
    AWS::SageMaker::TrainingSession AWS::SCN::BusinessRule AWS::SCN::DataLakeException
    AWS::SCN::ExceptionInvestigation AWS::SCN::ExceptionRule AWS::SCN::Instance
    AWS::SCN::Metric AWS::SCN::MetricEvaluation AWS::SCN::Outcome
    AWS::SCN::OutcomeTemplate AWS::SDB::Domain AWS::ServiceDiscovery::Namespace
    AWS::ServiceDiscovery::Service AWS::SES::ConfigurationSet AWS::SES::EmailIdentity
    AWS::SES::Template AWS::Signer::SigningJob AWS::Signer::SigningProfile
    AWS::SitewiseAssistant::Conversation AWS::SMSVoice::CarrierLookup
    AWS::SMSVoice::ConfigurationSet AWS::SMSVoice::Message
    AWS::SMSVoice::NotifyConfiguration AWS::SMSVoice::OriginationIdentity
    AWS::SNS::PlatformEndpoint AWS::SNS::Topic AWS::SocialMessaging::PhoneNumberId
    AWS::SocialMessaging::WabaId AWS::SQS::Queue AWS::SSM::ExecutionPreview
    AWS::SSM::ManagedNode AWS::SSMMessages::ControlChannel AWS::StepFunctions::Activity
    AWS::StepFunctions::StateMachine AWS::SupportAccess::Tenant
    AWS::SupportAccess::TrustingAccount AWS::SupportAccess::TrustingRole
    AWS::SWF::Domain AWS::ThinClient::Device AWS::ThinClient::Environment
    AWS::Timestream::Database AWS::Timestream::RegionalEndpoint AWS::Timestream::Table
    AWS::Transform::AgentInstance AWS::Transform::Profile AWS::TransformCustom::Campaign
    AWS::TransformCustom::Conversation AWS::TransformCustom::KnowledgeItem
    AWS::TransformCustom::Package AWS::UXC::AccountCustomization
    AWS::VerifiedPermissions::PolicyStore AWS::WellArchitected::AgentRecommendation
    AWS::XRay::Trace
"""

RESOURCE_TYPES = frozenset(_TYPES.split())
"""Every value of `resources.type` in AWS's table."""
